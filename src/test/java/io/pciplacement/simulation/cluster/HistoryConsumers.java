package io.pciplacement.simulation.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.testing.PlacementApi;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Other clients of Placement: servers of Nova that have VFs without a PciAllocation, servers that have CPUs and get
 * devices from an External PciAllocation, and an administrator who reserves units. The operator changes nothing of what
 * they wrote.
 */
final class HistoryConsumers {

    static final int SERVERS = 4;
    static final String PROJECT = "other-project";

    private static final String VF_CLASS = "CUSTOM_VF";

    private final PlacementApi placement;
    /** Allocations of the servers without PciAllocation. */
    private final Map<UUID, List<String>> allocations = new TreeMap<>();
    /** CPUs of the servers with an External PciAllocation, by consumer. */
    private final Map<UUID, String> cpus = new TreeMap<>();
    /** Units that the administrator has reserved, by name of the provider. */
    private final Map<String, Integer> reserved = new TreeMap<>();
    /** The units that were reserved of providers that may have been recreated since. */
    private final Map<String, Integer> formerlyReserved = new TreeMap<>();
    /** Providers of hosts whose object was deleted. */
    private final Set<String> withLostRecord = new TreeSet<>();

    HistoryConsumers(PlacementApi placement) {
        this.placement = placement;
    }

    static UUID server(int index) {
        return uuid("server-" + index);
    }

    static UUID uuid(String name) {
        return UUID.nameUUIDFromBytes(("history-" + name).getBytes(StandardCharsets.UTF_8));
    }

    boolean isServer(UUID consumer) {
        return allocations.containsKey(consumer);
    }

    Map<UUID, List<String>> allocations() {
        return Map.copyOf(allocations);
    }

    Map<UUID, String> cpus() {
        return Map.copyOf(cpus);
    }

    /** A server gets a VF and CPUs of a host, or is deleted. */
    void toggleServer(int index, String host) {
        UUID server = server(index);
        if (allocations.remove(server) != null) {
            placement.release(server);
            return;
        }
        if (!placement.allocationsOf(server).isEmpty()) {
            // While there was no such server, an object that names it has got devices.
            return;
        }
        String root = placement.uuid(host).orElseThrow();
        String provider = placement.providersBelow(host).get(host + "_" + HistoryHosts.PF_WITH_VFS);
        List<String> amounts = new ArrayList<>(List.of(root + "/VCPU=1"));
        if (provider != null) {
            amounts.add(provider + "/" + VF_CLASS + "=1");
        }
        // Placement rejects it if the host has no free VF.
        if (placement
                        .claimForConsumer(server, PROJECT, "INSTANCE", amounts.toArray(String[]::new))
                        .status()
                == 204) {
            allocations.put(server, placement.allocationsOf(server));
        }
    }

    /** A server that an External PciAllocation names starts on a host: it gets CPUs. */
    void startExternal(UUID consumer, String project, String host) {
        if (!cpus.containsKey(consumer)) {
            String amount = placement.uuid(host).orElseThrow() + "/VCPU=2";
            if (placement
                            .claimForConsumer(consumer, project, "INSTANCE", amount)
                            .status()
                    == 204) {
                cpus.put(consumer, amount);
            }
        }
    }

    /** Another client removes the allocation of a consumer. */
    void releaseByMistake(UUID consumer) {
        placement.release(consumer);
    }

    /** Another client removes the traits of a provider, unless the operator deletes it in the meantime. */
    void removeTraits(String host, String address) {
        Optional.ofNullable(placement.providersBelow(host).get(host + "_" + address))
                .ifPresent(uuid -> placement.replaceTraits(uuid, PlacementApi.OWNERSHIP_TRAITS));
    }

    /** The units that the administrator has reserved; empty if the provider has been recreated since. */
    Optional<Integer> reserved(String provider) {
        return Optional.ofNullable(reserved.get(provider));
    }

    /**
     * Sets the units that an administrator has reserved as found: none if the provider was recreated. Others would be
     * units that the operator has reserved and not released.
     */
    void setReserved(String provider, int units) {
        if (!withLostRecord.remove(provider)) {
            assertThat(units)
                    .as("reserved units of %s that no administrator has reserved", provider)
                    .isIn(0, formerlyReserved.getOrDefault(provider, 0));
        }
        reserved.put(provider, units);
    }

    /** The providers of all hosts may be recreated, which removes reservations. */
    void forgetReserved() {
        formerlyReserved.putAll(reserved);
        reserved.clear();
    }

    /**
     * The object of a host is deleted, and with it the record of the operator's reservations. If the operator then
     * ends, units that it has reserved count as the administrator's.
     */
    void loseRecord(String host) {
        for (String address : HistoryHosts.ALL) {
            String provider = host + "_" + HistoryHosts.providerAddress(address);
            reserved.remove(provider);
            withLostRecord.add(provider);
        }
    }

    /** The administrator reserves one unit of a host's VFs, or releases one if some are reserved. */
    void toggleReserved(String host) {
        String name = host + "_" + HistoryHosts.PF_WITH_VFS;
        Integer own = reserved.get(name);
        String uuid = placement.providersBelow(host).get(name);
        if (own == null || uuid == null) {
            return;
        }
        int change = own == 0 ? 1 : -1;
        if (placement.addReserved(uuid, VF_CLASS, change)) {
            reserved.put(name, own + change);
        }
    }
}
