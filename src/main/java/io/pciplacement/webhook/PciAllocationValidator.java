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
 * Turns down a PciAllocation that names a device of another, and a move that does not begin where the consumer is or is
 * forgotten before it has ended. What slips through, the reconciler decides by age.
 */
@ApplicationScoped
public class PciAllocationValidator {

    private final AllocationIndex book;

    PciAllocationValidator(AllocationIndex book) {
        this.book = book;
    }

    @GuardedAdmission
    AdmissionResult judge(JsonNode oldObject, JsonNode object) {
        JsonNode before = oldObject.path("spec");
        JsonNode now = object.path("spec");
        boolean deletes = !object.isObject();
        if (deletes || object.path("metadata").has("deletionTimestamp")) {
            return AdmissionResult.ALLOWED;
        }
        List<String> refusals = new ArrayList<>();
        if (!before.path("devices").equals(now.path("devices"))) {
            held(object, now.path("devices"), refusals);
        }
        if (!before.path("move").equals(now.path("move"))) {
            held(object, now.path("move").path("sourceDevices"), refusals);
            if (!oldObject.isEmpty()) {
                move(oldObject, now, refusals);
            }
        }
        return new AdmissionResult(refusals, List.of());
    }

    private void held(JsonNode object, JsonNode devices, List<String> refusals) {
        String name = object.path("metadata").path("name").asText();
        for (JsonNode device : devices) {
            String node = device.path("node").asText();
            PciAddress.parse(device.path("address").asText())
                    .flatMap(address -> book.holder(new DeviceRef(node, address)))
                    .filter(holder -> !holder.name().equals(name))
                    .ifPresent(holder -> refusals.add(
                            "Device %s of host %s is held by PciAllocation %s (consumer %s): delete that one, or name another device."
                                    .formatted(
                                            device.path("address").asText(),
                                            node,
                                            holder.name(),
                                            holder.consumer().uuid())));
        }
    }

    private static void move(JsonNode oldObject, JsonNode now, List<String> refusals) {
        JsonNode before = oldObject.path("spec");
        if (!before.has("move")) {
            Set<String> had = names(
                    before.has("devices")
                            ? before.path("devices")
                            : oldObject.path("status").path("devices"));
            Set<String> source = names(now.path("move").path("sourceDevices"));
            if (!had.equals(source)) {
                refusals.add(
                        "spec.move.sourceDevices: a move begins where the consumer is, at %s, not at %s. Set them so, and spec.devices to the destination's devices."
                                .formatted(had, source));
            }
            return;
        }
        if (now.has("move")) {
            return;
        }
        if (neverBegan(oldObject)) {
            Set<String> source = names(before.path("move").path("sourceDevices"));
            if (!now.has("devices") || !source.equals(names(now.path("devices")))) {
                refusals.add(
                        "spec.devices: the move never began, so the consumer is at %s. Set spec.devices to these in the same update that removes spec.move."
                                .formatted(source));
            }
            return;
        }
        String phase = before.path("move").path("phase").asText();
        String migration = before.path("move").path("migrationUuid").asText();
        switch (phase) {
            case "Moving" ->
                refusals.add(
                        "spec.move: the move by migration %s has not ended. Set spec.move.phase to Confirm or Revert first, and remove spec.move once status.phase is Confirmed or Reverted."
                                .formatted(migration));
            case "Revert" -> {
                Set<String> source = names(before.path("move").path("sourceDevices"));
                if (!source.equals(names(now.path("devices")))) {
                    refusals.add(
                            "spec.devices: the move by migration %s was reverted, so the consumer is at %s again. Set spec.devices to these in the same update that removes spec.move."
                                    .formatted(migration, source));
                }
            }
            default -> {}
        }
        String done = phase.equals("Revert") ? "Reverted" : "Confirmed";
        String reached = oldObject.path("status").path("phase").asText();
        if (!phase.equals("Moving") && !reached.equals(done)) {
            refusals.add(
                    "spec.move: status.phase is %s, not yet %s; without spec.move nobody would know what migration %s still has in Placement. Remove it then."
                            .formatted(reached.isEmpty() ? "not set" : reached, done, migration));
        }
    }

    /** Whether the move was refused for its migration, and nothing of the consumer is anywhere but at the source. */
    private static boolean neverBegan(JsonNode object) {
        JsonNode status = object.path("status");
        boolean begun = false;
        for (JsonNode row : status.path("allocations")) {
            begun |= row.path("state").asText().equals("HeldByMigration");
            begun |= row.path("consumerUuid")
                    .equals(object.path("spec").path("move").path("migrationUuid"));
        }
        for (JsonNode condition : status.path("conditions")) {
            if (!begun
                    && condition.path("type").asText().equals(ConditionType.ACCEPTED)
                    && condition.path("reason").asText().equals(AllocationProblemReason.FOREIGN_MIGRATION.value())) {
                return true;
            }
        }
        return false;
    }

    private static Set<String> names(JsonNode devices) {
        Set<String> names = new TreeSet<>();
        devices.forEach(device -> names.add(
                device.path("node").asText() + "/" + device.path("address").asText()));
        return names;
    }
}
