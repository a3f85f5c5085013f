package io.pciplacement.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.admission.AdmissionResult;
import io.pciplacement.planning.allocation.AllocationProblemReason;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.sync.index.AllocationIndex;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Validator of PciAllocation objects: rejects a device that another PciAllocation has, a move that does not start at
 * the consumer's current devices, and the removal of a move before it has ended. Conflicts that are not detected here
 * are resolved by the reconciler by age.
 */
@ApplicationScoped
public class PciAllocationValidator {

    private final AllocationIndex allocations;

    PciAllocationValidator(AllocationIndex allocations) {
        this.allocations = allocations;
    }

    @GuardedAdmission
    AdmissionResult validate(JsonNode oldObject, JsonNode object) {
        JsonNode oldSpec = oldObject.path("spec");
        JsonNode newSpec = object.path("spec");
        boolean deleted = !object.isObject();
        if (deleted || object.path("metadata").has("deletionTimestamp")) {
            return AdmissionResult.ALLOWED;
        }
        List<String> errors = new ArrayList<>();
        if (!oldSpec.path("devices").equals(newSpec.path("devices"))) {
            checkDevicesFree(object, newSpec.path("devices"), errors);
        }
        if (!oldSpec.path("move").equals(newSpec.path("move"))) {
            checkDevicesFree(object, newSpec.path("move").path("sourceDevices"), errors);
            if (!oldObject.isEmpty()) {
                checkMove(oldObject, newSpec, errors);
            }
        }
        return new AdmissionResult(errors, List.of());
    }

    private void checkDevicesFree(JsonNode object, JsonNode devices, List<String> errors) {
        String name = object.path("metadata").path("name").asText();
        for (JsonNode device : devices) {
            String node = device.path("node").asText();
            PciAddress.parse(device.path("address").asText())
                    .flatMap(address -> allocations.findHolder(new DeviceRef(node, address)))
                    .filter(holder -> !holder.name().equals(name))
                    .ifPresent(holder -> errors.add(
                            "Device %s on host %s is already held by PciAllocation %s (consumer %s). Delete that PciAllocation or specify another device."
                                    .formatted(
                                            device.path("address").asText(),
                                            node,
                                            holder.name(),
                                            holder.consumer().uuid())));
        }
    }

    private static void checkMove(JsonNode oldObject, JsonNode newSpec, List<String> errors) {
        JsonNode oldSpec = oldObject.path("spec");
        if (!oldSpec.has("move")) {
            Set<String> currentDevices = deviceNames(
                    oldSpec.has("devices")
                            ? oldSpec.path("devices")
                            : oldObject.path("status").path("devices"));
            Set<String> sourceDevices = deviceNames(newSpec.path("move").path("sourceDevices"));
            if (!currentDevices.equals(sourceDevices)) {
                errors.add(
                        "spec.move.sourceDevices: must be the consumer's current devices %s, not %s. Set spec.devices to the devices of the destination."
                                .formatted(currentDevices, sourceDevices));
            }
            return;
        }
        if (newSpec.has("move")) {
            return;
        }
        if (isMoveNotStarted(oldObject)) {
            Set<String> sourceDevices = deviceNames(oldSpec.path("move").path("sourceDevices"));
            if (!newSpec.has("devices") || !sourceDevices.equals(deviceNames(newSpec.path("devices")))) {
                errors.add(
                        "spec.devices: the move was not started, so the consumer still has %s. Set spec.devices to these devices in the update that removes spec.move."
                                .formatted(sourceDevices));
            }
            return;
        }
        String phase = oldSpec.path("move").path("phase").asText();
        String migration = oldSpec.path("move").path("migrationUuid").asText();
        switch (phase) {
            case "Moving" ->
                errors.add(
                        "spec.move: the move of migration %s has not ended. Set spec.move.phase to Confirm or Revert first, and remove spec.move once status.phase is Confirmed or Reverted."
                                .formatted(migration));
            case "Revert" -> {
                Set<String> sourceDevices = deviceNames(oldSpec.path("move").path("sourceDevices"));
                if (!sourceDevices.equals(deviceNames(newSpec.path("devices")))) {
                    errors.add(
                            "spec.devices: the move of migration %s was reverted, so the consumer has %s again. Set spec.devices to these devices in the update that removes spec.move."
                                    .formatted(migration, sourceDevices));
                }
            }
            default -> {}
        }
        String finalPhase = phase.equals("Revert") ? "Reverted" : "Confirmed";
        String statusPhase = oldObject.path("status").path("phase").asText();
        if (!phase.equals("Moving") && !statusPhase.equals(finalPhase)) {
            errors.add(
                    "spec.move cannot be removed while status.phase is %s: migration %s may still hold allocations. Remove it once status.phase is %s."
                            .formatted(statusPhase.isEmpty() ? "not set" : statusPhase, migration, finalPhase));
        }
    }

    /** Whether the move was rejected because of its migration and the consumer has allocations only at the source. */
    private static boolean isMoveNotStarted(JsonNode object) {
        JsonNode status = object.path("status");
        boolean started = false;
        for (JsonNode row : status.path("allocations")) {
            started |= row.path("state").asText().equals("HeldByMigration");
            started |= row.path("consumerUuid")
                    .equals(object.path("spec").path("move").path("migrationUuid"));
        }
        for (JsonNode condition : status.path("conditions")) {
            if (!started
                    && condition.path("type").asText().equals(ConditionType.ACCEPTED)
                    && condition.path("reason").asText().equals(AllocationProblemReason.FOREIGN_MIGRATION.value())) {
                return true;
            }
        }
        return false;
    }

    private static Set<String> deviceNames(JsonNode devices) {
        Set<String> names = new TreeSet<>();
        devices.forEach(device -> names.add(
                device.path("node").asText() + "/" + device.path("address").asText()));
        return names;
    }
}
