package io.pciplacement.bench;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.allocation.HostCapacity;
import io.pciplacement.planning.allocation.PlacementConsumer;
import io.pciplacement.planning.claim.CapacityIndex;
import io.pciplacement.planning.claim.Claim;
import io.pciplacement.planning.claim.ClaimScheduler;
import io.pciplacement.planning.claim.DeviceConstraint;
import io.pciplacement.planning.claim.DeviceConstraint.Attribute;
import io.pciplacement.planning.claim.DeviceRequest;
import io.pciplacement.planning.claim.ScheduleResult;
import io.pciplacement.testing.TopologyHosts;
import io.pciplacement.testing.TopologyHosts.Position;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/**
 * Benchmark for hack/bench: selection of devices for claims with 16 requests and constraints on a host with 128
 * devices. Prints the median and the maximum of the CPU time in milliseconds of the claims of each kind, and how many
 * have which result.
 */
public final class ConstraintBenchmark {

    private static final ResourceClass GPU = new ResourceClass("CUSTOM_GPU");
    private static final ResourceClass NIC = new ResourceClass("CUSTOM_NIC");
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 60;
    private static final int DEVICES = 128;
    private static final int REQUESTS = 16;

    private ConstraintBenchmark() {}

    /** Claim and host. */
    private record Load(Claim claim, HostCapacity.Available host) {}

    /** Kind of load. */
    private interface LoadFactory {
        Load create(Random random);
    }

    public static void main(String[] args) {
        Map<String, LoadFactory> kinds = new LinkedHashMap<>();
        kinds.put("pairs", random -> new Load(pairs(Attribute.PCIE_ROOT), host(8, 8, 64)));
        kinds.put("symmetric", random -> new Load(pairs(Attribute.PCIE_SWITCH), host(8, 16, 8)));
        kinds.put("unsatisfiable", random -> new Load(pairs(Attribute.PCIE_ROOT), host(8, 16, 8, 1)));
        kinds.put("nested", random -> new Load(nested(), host(8, 16, 64)));
        kinds.put("packing", ConstraintBenchmark::packing);
        kinds.put("tight packing", ConstraintBenchmark::tightPacking);
        kinds.put("random", ConstraintBenchmark::randomLoad);
        StringBuilder json = new StringBuilder("{");
        for (Map.Entry<String, LoadFactory> kind : kinds.entrySet()) {
            measure(kind.getValue(), 2 * ROUNDS, new ArrayList<>()); // compiles
            List<String> results = new ArrayList<>();
            double[] millis = measure(kind.getValue(), ROUNDS, results);
            json.append(json.length() == 1 ? "" : ", ")
                    .append("\"%s\": {\"median\": %.2f, \"max\": %.2f, \"satisfied\": %d, \"limit\": %d}"
                            .formatted(
                                    kind.getKey(),
                                    millis[ROUNDS / 2],
                                    millis[ROUNDS - 1],
                                    results.stream().filter(String::isEmpty).count(),
                                    results.stream()
                                            .filter(text -> text.contains("stopped at its limit"))
                                            .count()));
        }
        System.out.println(json.append('}'));
    }

    private static double[] measure(LoadFactory kind, int rounds, List<String> results) {
        Random random = new Random(1);
        double[] millis = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            Load load = kind.create(random);
            CapacityIndex index = new CapacityIndex();
            index.updateHosts(List.of(load.host()));
            long start = THREADS.getCurrentThreadCpuTime();
            ScheduleResult result = ClaimScheduler.schedule(load.claim(), List.of(), index, node -> Set.of());
            millis[round] = (THREADS.getCurrentThreadCpuTime() - start) / 1e6;
            results.add(
                    result instanceof ScheduleResult.Unschedulable unschedulable
                            ? unschedulable.problem().message()
                            : "");
        }
        Arrays.sort(millis);
        return millis;
    }

    private static Claim claim(List<DeviceRequest> requests, List<DeviceConstraint> constraints) {
        return new Claim(
                "claim",
                "2026",
                new PlacementConsumer(new UUID(0, 1), "INSTANCE", "p", "u", false),
                requests,
                constraints,
                false,
                Set.of(),
                null);
    }

    private static DeviceRequest request(String name, int count, ResourceClass resourceClass) {
        return new DeviceRequest(
                name, count, resourceClass, -1, -1, null, Set.of(), Set.of(), DeviceRequest.Affinity.LEGACY);
    }

    /** Eight GPUs, each with a NIC that has the same value of an attribute. */
    private static Claim pairs(Attribute attribute) {
        List<DeviceRequest> requests = new ArrayList<>();
        List<DeviceConstraint> constraints = new ArrayList<>();
        for (int pair = 0; pair < REQUESTS / 2; pair++) {
            requests.add(request("gpu" + pair, 1, GPU));
            requests.add(request("nic" + pair, 1, NIC));
            constraints.add(new DeviceConstraint(List.of("gpu" + pair, "nic" + pair), attribute));
        }
        return claim(requests, constraints);
    }

    /** Pairs of one switch each, four pairs of one root, and all on one NUMA node. */
    private static Claim nested() {
        Claim pairs = pairs(Attribute.PCIE_SWITCH);
        List<DeviceConstraint> constraints = new ArrayList<>(pairs.constraints());
        constraints.add(new DeviceConstraint(List.of("gpu0", "gpu1", "gpu2", "gpu3"), Attribute.PCIE_ROOT));
        constraints.add(new DeviceConstraint(List.of("gpu4", "nic5", "gpu6", "nic7"), Attribute.PCIE_ROOT));
        constraints.add(new DeviceConstraint(List.of("gpu0", "gpu4"), Attribute.NUMA_NODE));
        return claim(pairs.requests(), constraints);
    }

    /** @param nics how many of the devices of each root, or after these numbers of the first roots, are NICs */
    private static HostCapacity.Available host(int roots, int switches, int... nics) {
        TopologyHosts host = new TopologyHosts("host");
        int perRoot = DEVICES / roots;
        for (int device = 0; device < DEVICES; device++) {
            int root = device / perRoot;
            int nicsOfRoot = nics.length == 1 ? nics[0] / roots : root < nics[0] - 1 ? nics[1] : 0;
            host.plain(
                    new PciAddress(root, device % perRoot, 0, 0),
                    device % perRoot * nicsOfRoot / perRoot != (device % perRoot + 1) * nicsOfRoot / perRoot
                            ? NIC
                            : GPU,
                    Position.of(root, 1 + device * switches / DEVICES, root * 2 / roots));
        }
        return host.build();
    }

    /** Sixteen requests of several devices, each below one root: bin packing. */
    private static Load packing(Random random) {
        return packing(random, 5, 12, DEVICES - 6);
    }

    /** As many devices as there are. */
    private static Load tightPacking(Random random) {
        return packing(random, 3, 14, DEVICES);
    }

    private static Load packing(Random random, int from, int to, int total) {
        int[] counts = new int[REQUESTS];
        int sum = 0;
        for (int request = 0; request < REQUESTS; request++) {
            counts[request] = random.nextInt(from, to);
            sum += counts[request];
        }
        for (; sum != total; sum += Integer.signum(total - sum)) {
            int request = random.nextInt(REQUESTS);
            counts[request] += Integer.signum(total - sum);
            if (counts[request] < 1 || counts[request] > 15) {
                counts[request] -= Integer.signum(total - sum);
                sum -= Integer.signum(total - sum);
            }
        }
        List<DeviceRequest> requests = new ArrayList<>();
        List<DeviceConstraint> constraints = new ArrayList<>();
        for (int request = 0; request < REQUESTS; request++) {
            requests.add(request("r" + request, counts[request], GPU));
            constraints.add(new DeviceConstraint(List.of("r" + request), Attribute.PCIE_ROOT));
        }
        return new Load(claim(requests, constraints), host(8, 8, 0));
    }

    /** Random positions, which are not nested, with random constraints. */
    private static Load randomLoad(Random random) {
        TopologyHosts host = new TopologyHosts("host");
        for (int device = 0; device < DEVICES; device++) {
            host.plain(
                    new PciAddress(0, device, 0, 0),
                    random.nextInt(3) == 0 ? NIC : GPU,
                    Position.of(random.nextInt(12), random.nextInt(1, 24), random.nextInt(4)));
        }
        List<DeviceRequest> requests = new ArrayList<>();
        for (int request = 0; request < REQUESTS; request++) {
            requests.add(request("r" + request, random.nextInt(1, 6), random.nextInt(3) == 0 ? NIC : GPU));
        }
        List<DeviceConstraint> constraints = new ArrayList<>();
        for (int constraint = 0; constraint < 12; constraint++) {
            constraints.add(new DeviceConstraint(
                    List.of("r" + random.nextInt(8), "r" + random.nextInt(8, REQUESTS)),
                    Attribute.values()[random.nextInt(3)]));
        }
        return new Load(claim(requests, constraints), host.build());
    }
}
