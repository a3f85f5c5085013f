package io.pciplacement.planning.claim;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.allocation.HostCapacity;
import io.pciplacement.planning.allocation.PlacementConsumer;
import io.pciplacement.planning.claim.DeviceConstraint.Attribute;
import io.pciplacement.testing.TopologyHosts;
import io.pciplacement.testing.TopologyHosts.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Message of a claim whose constraints no host satisfies, and the choice between values that do. */
class ConstraintMessageTest {

    private static final ResourceClass GPU = new ResourceClass("CUSTOM_GPU");
    private static final ResourceClass NIC = new ResourceClass("CUSTOM_NIC");

    private final List<HostCapacity.Available> hosts = new ArrayList<>();

    private static DeviceRequest request(String name, int count, ResourceClass resourceClass) {
        return new DeviceRequest(
                name, count, resourceClass, -1, -1, null, Set.of(), Set.of(), DeviceRequest.Affinity.LEGACY);
    }

    private static DeviceConstraint constraint(Attribute attribute, String... requests) {
        return new DeviceConstraint(List.of(requests), attribute);
    }

    private static TopologyHosts host(String node, int root, ResourceClass... classes) {
        return add(new TopologyHosts(node), root, classes);
    }

    private static TopologyHosts add(TopologyHosts host, int root, ResourceClass... classes) {
        for (int device = 0; device < classes.length; device++) {
            host.plain(new PciAddress(0, root, device, 0), classes[device], Position.of(root, 0, root / 16));
        }
        return host;
    }

    private ScheduleResult schedule(List<DeviceRequest> requests, DeviceConstraint... constraints) {
        CapacityIndex index = new CapacityIndex();
        index.updateHosts(hosts);
        Claim claim = new Claim(
                "claim",
                "2026",
                new PlacementConsumer(new UUID(0, 1), "INSTANCE", "p", "u", false),
                requests,
                List.of(constraints),
                false,
                Set.of(),
                null);
        return ClaimScheduler.schedule(claim, List.of(), index, node -> Set.of());
    }

    private String message(List<DeviceRequest> requests, DeviceConstraint... constraints) {
        return ((ScheduleResult.Unschedulable) schedule(requests, constraints))
                .problem()
                .message();
    }

    @Test
    void namesConstraintAndNearestRoot() {
        hosts.add(add(host("node-1", 0x18, GPU, NIC), 0x3a, GPU).build());
        hosts.add(add(host("node-3", 0x80, GPU, GPU), 0x90, NIC).build());
        hosts.add(host("node-4", 0x80, GPU, GPU).build());
        assertThat(message(
                        List.of(request("gpu", 2, GPU), request("nic", 1, NIC)),
                        constraint(Attribute.PCIE_ROOT, "gpu", "nic")))
                .isEqualTo(
                        "No host has enough free devices that satisfy the constraints: constraint PcieRoot of requests gpu, nic: no host has them below one PCIe root; nearest: node-1, pci0000:18 has 1 of 2 gpu and 1 of 1 nic free. The claim is retried when capacity becomes available.");
    }

    @Test
    void constraintThatAnotherHostSatisfiesIsNotSaidToFailEverywhere() {
        hosts.add(add(host("a", 0x18, GPU, NIC), 0x3a, NIC).build());
        hosts.add(add(host("b", 0x18, NIC, NIC), 0x3a, GPU).build());
        assertThat(message(
                        List.of(request("gpu", 1, GPU), request("nic", 1, NIC), request("other", 1, NIC)),
                        constraint(Attribute.PCIE_ROOT, "nic", "other"),
                        constraint(Attribute.PCIE_ROOT, "gpu", "nic")))
                .contains(
                        "a does not have them below one PCIe root; nearest: pci0000:18 has 1 of 1 nic and 0 of 1 other free.");
    }

    @Test
    void devicesThatOtherRequestsNeedAreMentioned() {
        hosts.add(add(host("a", 0x18, GPU, NIC), 0x3a, GPU).build());
        DeviceRequest card = new DeviceRequest(
                "any", 1, null, 0x8086, 0x1533, null, Set.of(), Set.of(), DeviceRequest.Affinity.LEGACY);
        assertThat(message(
                        List.of(request("gpu", 1, GPU), card, request("nic", 1, NIC)),
                        constraint(Attribute.PCIE_ROOT, "gpu", "nic"),
                        constraint(Attribute.PCIE_ROOT, "any", "nic")))
                .contains("constraint PcieRoot of requests any, nic: a has them only without the other constraints "
                        + "(constraint PcieRoot of requests gpu, nic).");
    }

    @Test
    void unknownValueIsNamed() {
        hosts.add(new TopologyHosts("a")
                .plain(new PciAddress(0, 1, 0, 0), GPU, new Position(null, null, -1))
                .plain(new PciAddress(0, 2, 0, 0), NIC, new Position(null, null, -1))
                .build());
        List<DeviceRequest> requests = List.of(request("gpu", 1, GPU), request("nic", 1, NIC));
        assertThat(message(requests, constraint(Attribute.PCIE_ROOT, "gpu", "nic")))
                .contains("nearest: a, the PcieRoot of all suitable devices is unknown.");
        assertThat(message(requests, constraint(Attribute.NUMA_NODE, "gpu", "nic")))
                .contains("the NumaNode of all suitable devices is unknown");
    }

    @Test
    void rootWithLeastCapacityIsPreferred() {
        hosts.add(add(host("a", 0x18, GPU, GPU, NIC), 0x3a, GPU, NIC).build());
        ScheduleResult result = schedule(
                List.of(request("gpu", 1, GPU), request("nic", 1, NIC)), constraint(Attribute.PCIE_ROOT, "gpu", "nic"));
        assertThat(((ScheduleResult.Scheduled) result).assignments())
                .extracting(assignment -> assignment.device().toString())
                .containsExactly("a/0000:3a:00.0", "a/0000:3a:01.0");
    }

    @Test
    void limitOfTheSearchIsReported() {
        hosts.add(host("a", 0x18, GPU, GPU, NIC).build());
        Claim claim = new Claim(
                "claim",
                "2026",
                new PlacementConsumer(new UUID(0, 1), "INSTANCE", "p", "u", false),
                List.of(request("gpu", 1, GPU), request("nic", 1, NIC)),
                List.of(constraint(Attribute.PCIE_ROOT, "gpu", "nic")),
                false,
                Set.of(),
                null);
        FreeCapacity capacity = FreeCapacity.forHost(hosts.getFirst(), Set.of());
        ConstraintSolver.Solution solution =
                ConstraintSolver.solve(claim, capacity, claim.constraints(), new SearchLimit(0));
        assertThat(solution).isInstanceOf(ConstraintSolver.Solution.LimitReached.class);
        assertThat(ConstraintShortage.evaluate(claim, capacity, solution).describe(claim, capacity, List.of()))
                .isEqualTo(
                        "the search on a was stopped at its limit before it had a result; fewer or simpler constraints, or a nodeName, help.");
        assertThat(ConstraintSolver.solve(claim, capacity, claim.constraints(), new SearchLimit(1)))
                .isInstanceOf(ConstraintSolver.Solution.Solved.class);
    }
}
