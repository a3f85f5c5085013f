package io.pciplacement.simulation;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.mapping.AttachmentMapper;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.attachment.ServerSighting;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** Cluster cache of a {@link SimulatedOperator}: the hosts of its API server, all with live agents. */
final class InMemoryClusterCache extends ClusterCache {

    private final InMemoryApiServer api;
    private final Map<String, HostDevices> devices;
    private final Map<String, DeviceSpec> specs;

    InMemoryClusterCache(InMemoryApiServer api, Map<String, HostDevices> devices, Map<String, DeviceSpec> specs) {
        super(null, null);
        this.api = api;
        this.devices = devices;
        this.specs = specs;
    }

    @Override
    public boolean hasHost(String name) {
        return api.hosts().containsKey(name);
    }

    @Override
    public Optional<HostPciInventory> findHost(String name) {
        return Optional.ofNullable(api.hosts().get(name));
    }

    @Override
    public List<ServerSighting> sightingsOf(UUID server) {
        return listHosts()
                .flatMap(host -> AttachmentMapper.findSighting(host, server).stream())
                .toList();
    }

    @Override
    public boolean hasNode(String name) {
        return true;
    }

    @Override
    public Optional<Map<String, String>> findNodeLabels(String node) {
        return Optional.of(Map.of());
    }

    @Override
    public Stream<HostPciInventory> listHosts() {
        return api.hosts().values().stream();
    }

    @Override
    public Optional<HostPciInventory> findRootOwner(String rootName) {
        return Optional.empty();
    }

    @Override
    public Stream<PciDeviceSpec> listSpecs() {
        return specs.keySet().stream().map(name -> {
            PciDeviceSpec object = new PciDeviceSpec();
            object.setMetadata(
                    new ObjectMetaBuilder().withName(name).withGeneration(1L).build());
            return object;
        });
    }

    @Override
    public DeviceSpec parsedSpec(PciDeviceSpec object) {
        return specs.get(object.getMetadata().getName());
    }

    @Override
    public HostDevices publishedDevices(HostPciInventory host) {
        return devices.get(host.getMetadata().getName());
    }

    @Override
    public Heartbeat heartbeatState(String node, Instant now) {
        return Heartbeat.ALIVE;
    }
}
