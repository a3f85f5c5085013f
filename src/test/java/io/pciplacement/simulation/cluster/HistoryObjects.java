package io.pciplacement.simulation.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.DeviceRef;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Move;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.MovePhase;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.MoveType;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.Phase;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/**
 * Editors of PciDeviceSpecs and PciAllocations. The webhook may reject a change, for example because the devices belong
 * to another object, or because the operator that serves it has ended: then nothing changes.
 */
final class HistoryObjects {

    static final Map<String, String> SPECS = Map.of(
            "history-plain", "selectors: [{vendorId: '8086', productId: '1533'}], resourceClass: plain",
            "history-vfs", "selectors: [{address: '0000:81:02.*', deviceType: VF}], resourceClass: vf",
            "history-pf", "selectors: [{address: '0000:81:03.0', deviceType: PF}], resourceClass: pf");

    private static final List<String> REQUESTS = List.of(
            "{name: one, resourceClass: plain}",
            "{name: one, vendorId: '8086', productId: '1533', count: 2}",
            // Most devices are VFs.
            "{name: one, resourceClass: vf}",
            "{name: one, resourceClass: vf}",
            "{name: one, resourceClass: vf}",
            "{name: one, resourceClass: vf, count: 2}",
            "{name: one, resourceClass: pf, deviceType: PF}",
            "{name: one, resourceClass: vf}, {name: two, resourceClass: plain}");

    /** Of the webhook, and of a host that is created while the object of the previous one is being deleted. */
    private static final List<String> EXPECTED_REJECTIONS =
            List.of("admission webhook", "reporting to Placement cannot be disabled");

    private final KubernetesClient client;

    HistoryObjects(KubernetesClient client) {
        this.client = client;
    }

    /** Returns the reason of the rejection, empty if the change was made. */
    static String attempt(Runnable change) {
        try {
            change.run();
            return "";
        } catch (KubernetesClientException e) {
            // The schema rejects with the same code.
            boolean invalid = e.getCode() == 422 || e.getCode() == 400;
            String message = String.valueOf(e.getMessage());
            if (invalid && EXPECTED_REJECTIONS.stream().noneMatch(message::contains)) {
                throw new AssertionError("the API server rejects an event of the history: " + e.getMessage(), e);
            }
            return " (rejected)";
        }
    }

    private <T extends HasMetadata> String create(Class<T> type, String yaml) {
        T object = Serialization.unmarshal(yaml, type);
        return attempt(() -> client.resource(object).create());
    }

    List<PciAllocation> allocations() {
        return client.resources(PciAllocation.class).list().getItems();
    }

    List<PciDeviceSpec> specs() {
        return client.resources(PciDeviceSpec.class).list().getItems();
    }

    List<HostPciInventory> hosts() {
        return client.resources(HostPciInventory.class).list().getItems();
    }

    boolean exists(String name) {
        return client.resources(PciAllocation.class).withName(name).get() != null;
    }

    /** Deletes an object without waiting for its finalizers. */
    String delete(String name) {
        return attempt(
                () -> client.resources(PciAllocation.class).withName(name).delete());
    }

    String deleteSpec(String name) {
        return attempt(
                () -> client.resources(PciDeviceSpec.class).withName(name).delete());
    }

    String createSpec(String name, String trait) {
        return create(PciDeviceSpec.class, """
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: %s}
                spec: {%s, traits: [%s]}
                """.formatted(name, SPECS.get(name), trait));
    }

    String setTrait(String name, String trait) {
        return attempt(() -> client.resources(PciDeviceSpec.class)
                .withName(name)
                .patch(
                        io.fabric8.kubernetes.client.dsl.base.PatchContext.of(
                                io.fabric8.kubernetes.client.dsl.base.PatchType.JSON_MERGE),
                        "{\"spec\": {\"traits\": [\"%s\"]}}".formatted(trait)));
    }

    /** The consumer of an object that the operator manages: each object of a name has the same. */
    static UUID consumer(String name) {
        return HistoryConsumers.uuid("consumer-" + name);
    }

    static String project(String name) {
        return "project-" + name;
    }

    private String createAllocation(String name, UUID consumer, String managedBy, String content) {
        return create(
                PciAllocation.class, """
                apiVersion: pciplacement.io/v1alpha1
                kind: PciAllocation
                metadata: {name: %s}
                spec:
                  consumer: {uuid: %s, projectId: %s, userId: %s, managedBy: %s}
                  %s
                """.formatted(name, consumer, project(name), project(name), managedBy, content));
    }

    String createClaim(String name, Random random) {
        return createAllocation(
                name,
                consumer(name),
                "Operator",
                "requests: [%s]".formatted(REQUESTS.get(random.nextInt(REQUESTS.size()))));
    }

    /** An editor names a consumer of another client. */
    String createForeign(String name, UUID server, Random random) {
        return createAllocation(
                name, server, "Operator", "requests: [%s]".formatted(REQUESTS.get(random.nextInt(REQUESTS.size()))));
    }

    String createWithDevice(String name, String managedBy, String host, String address) {
        return createAllocation(
                name, consumer(name), managedBy, "devices: [{node: %s, address: '%s'}]".formatted(host, address));
    }

    /** Starts a move to a device, or continues the one that is in progress. */
    String move(String name, String host, String address, boolean confirm) {
        PciAllocation object =
                client.resources(PciAllocation.class).withName(name).get();
        if (object == null) {
            return " (absent)";
        }
        PciAllocationSpec before = object.getSpec();
        Phase phase = object.getStatus() == null ? null : object.getStatus().phase();
        Move move = before.move();
        List<DeviceRef> to = List.of(new DeviceRef(host, address));
        if (move == null) {
            if (phase != Phase.ALLOCATED || !Collections.disjoint(before.devices(), to)) {
                return " (not possible)";
            }
            boolean sameHost = before.devices().getFirst().node().equals(host);
            return update(
                    object,
                    to,
                    new Move(
                            sameHost ? MoveType.RESIZE : MoveType.COLD_MIGRATION,
                            HistoryConsumers.uuid("migration-" + name).toString(),
                            MovePhase.MOVING,
                            before.devices()));
        }
        return switch (move.phase()) {
            case MOVING ->
                phase == Phase.MOVING
                        ? update(
                                object,
                                before.devices(),
                                new Move(
                                        move.type(),
                                        move.migrationUuid(),
                                        confirm ? MovePhase.CONFIRM : MovePhase.REVERT,
                                        move.sourceDevices()))
                        : " (not started)";
            case CONFIRM -> phase == Phase.CONFIRMED ? update(object, before.devices(), null) : " (not confirmed)";
            case REVERT -> phase == Phase.REVERTED ? update(object, move.sourceDevices(), null) : " (not reverted)";
        };
    }

    private String update(PciAllocation object, List<DeviceRef> devices, Move move) {
        object.setSpec(new PciAllocationSpec(object.getSpec().consumer(), devices, null, null, null, null, move));
        return attempt(() -> client.resource(object).update());
    }
}
