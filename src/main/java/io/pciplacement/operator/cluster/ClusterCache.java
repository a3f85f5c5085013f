package io.pciplacement.operator.cluster;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.Cache;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.pciplacement.api.v1alpha1.DeviceStatus;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.logging.JvmErrors;
import io.pciplacement.mapping.DeviceListMapper;
import io.pciplacement.mapping.PciDeviceSpecMapper;
import io.pciplacement.operator.settings.OperatorSettings;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.text.SafeText;
import jakarta.enterprise.context.ApplicationScoped;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What the operator sees of the cluster: nodes, hosts, device specs and the agents' heartbeats, from local caches. What
 * is costly to read out of an object is read once per change of it.
 */
@ApplicationScoped
public class ClusterCache {

    private static final Logger LOG = Logger.getLogger(ClusterCache.class);

    private static final String BY_ROOT = "root-provider";
    private static final int MAX_CAUSE = 300;

    private final KubernetesClient client;
    private final OperatorSettings settings;
    private final Map<String, ReadSpec> readSpecs = new ConcurrentHashMap<>();
    private final Map<String, ReadDevices> readDevices = new ConcurrentHashMap<>();
    private volatile @Nullable IndexerResourceCache<HostPciInventory> hosts;
    private volatile @Nullable Cache<PciDeviceSpec> specs;
    private volatile @Nullable SharedIndexInformer<Node> nodes;
    private volatile @Nullable SharedIndexInformer<Lease> leases;

    private record ReadSpec(String uid, Long generation, DeviceSpec spec) {}

    /**
     * A host's device list, read.
     *
     * @param list what was read; weak, because the object's next version has a list of its own
     * @param hashReused whether another list was seen with this hash before
     */
    private record ReadDevices(
            @Nullable String uid,
            @Nullable String hash,
            WeakReference<List<DeviceStatus>> list,
            HostDevices devices,
            boolean hashReused) {

        static final ReadDevices NONE = new ReadDevices(null, null, new WeakReference<>(null), HostDevices.NONE, false);
    }

    public ClusterCache(KubernetesClient client, OperatorSettings settings) {
        this.client = client;
        this.settings = settings;
    }

    public void hosts(IndexerResourceCache<HostPciInventory> cache) {
        cache.addIndexer(BY_ROOT, host -> List.of(host.rootProviderName()));
        hosts = cache;
    }

    /** Of the hosts that stand on a root provider, the one that may: the oldest. */
    public Optional<HostPciInventory> ownerOfRoot(String rootName) {
        IndexerResourceCache<HostPciInventory> cache = hosts;
        return cache == null
                ? Optional.empty()
                : cache.byIndex(BY_ROOT, rootName).stream()
                        .min(Comparator.<HostPciInventory, String>comparing(
                                        host -> host.getMetadata().getCreationTimestamp())
                                .thenComparing(host -> host.getMetadata().getName()));
    }

    public void specs(Cache<PciDeviceSpec> cache) {
        specs = cache;
    }

    /** Starts following nodes and heartbeats; returns once both are known. */
    public void start(ResourceEventHandler<Node> onNode) {
        nodes = settings.nodeSelector()
                .map(selector -> client.nodes().withLabelSelector(selector).inform(onNode))
                .orElseGet(() -> client.nodes().inform(onNode));
        leases = client.leases().inNamespace(settings.agentNamespace()).inform();
    }

    /** Whether nodes and heartbeats are followed at this moment. */
    public boolean watching() {
        SharedIndexInformer<Node> ofNodes = nodes;
        SharedIndexInformer<Lease> ofLeases = leases;
        return ofNodes != null && ofNodes.isWatching() && ofLeases != null && ofLeases.isWatching();
    }

    public Stream<HostPciInventory> hosts() {
        return hosts == null ? Stream.of() : hosts.list();
    }

    public boolean hasHost(String name) {
        return host(name).isPresent();
    }

    /** The host's object, as last read. */
    public Optional<HostPciInventory> host(String name) {
        IndexerResourceCache<HostPciInventory> cache = hosts;
        return cache == null ? Optional.empty() : cache.get(new ResourceID(name));
    }

    public Stream<PciDeviceSpec> specs() {
        return specs == null ? Stream.of() : specs.list();
    }

    public List<Node> nodes() {
        return nodes == null ? List.of() : nodes.getStore().list();
    }

    /** A node's labels; empty if the node does not exist or is not ours, since nothing is known of it then. */
    public Optional<Map<String, String>> labels(String node) {
        SharedIndexInformer<Node> informer = nodes;
        Node found = informer == null ? null : informer.getStore().getByKey(node);
        return Optional.ofNullable(found)
                .map(known -> Objects.requireNonNullElse(known.getMetadata().getLabels(), Map.of()));
    }

    /** The spec as planning reads it. */
    public DeviceSpec read(PciDeviceSpec object) {
        String uid = object.getMetadata().getUid();
        Long generation = object.getMetadata().getGeneration();
        String name = object.getMetadata().getName();
        ReadSpec known = readSpecs.get(name);
        if (known != null && known.uid().equals(uid) && known.generation().equals(generation)) {
            return known.spec();
        }
        DeviceSpec spec = readable(object);
        readSpecs.put(name, new ReadSpec(uid, generation, spec));
        return spec;
    }

    /** A spec that cannot be read is invalid; it must not keep the hosts of all others from being reconciled. */
    private static DeviceSpec readable(PciDeviceSpec object) {
        try {
            return PciDeviceSpecMapper.toDeviceSpec(object);
        } catch (RuntimeException | Error e) {
            if (JvmErrors.isFatal(e)) {
                throw e;
            }
            JvmErrors.truncateStackTrace(e);
            LOG.errorf(
                    e, "PciDeviceSpec %s cannot be read", object.getMetadata().getName());
            return PciDeviceSpecMapper.unreadableSpec(
                    object.getMetadata().getName(), SafeText.line(e.toString(), MAX_CAUSE));
        }
    }

    /** Releases what was read of objects that are gone. */
    public void releaseGone() {
        Cache<PciDeviceSpec> there = specs;
        if (there != null) {
            readSpecs.keySet().removeIf(name -> there.get(new ResourceID(name)).isEmpty());
        }
        readDevices.keySet().removeIf(name -> !hasHost(name));
    }

    /** How many objects something is kept of that was read out of them. */
    public int kept() {
        return readSpecs.size() + readDevices.size();
    }

    /** The host's devices, as its agent has published them. The same devices are the same object. */
    public HostDevices devices(HostPciInventory host) {
        return read(host).devices();
    }

    /** Whether the host's agent has published another list under the hash of the one before. */
    public boolean hasReusedHash(HostPciInventory host) {
        return read(host).hashReused();
    }

    private ReadDevices read(HostPciInventory host) {
        HostPciInventoryStatus status = host.getStatus();
        List<DeviceStatus> list = status == null ? null : status.devices();
        if (list == null) {
            return ReadDevices.NONE;
        }
        String name = host.getMetadata().getName();
        ReadDevices known = readDevices.get(name);
        if (known != null && known.list().refersTo(list)) {
            return known;
        }
        // The agent's hash is what a host says of itself, so the devices are compared, not their hashes.
        String uid = host.getMetadata().getUid();
        String hash = status.agent() == null ? null : status.agent().inventoryHash();
        HostDevices devices = DeviceListMapper.toHostDevices(list);
        boolean reused = false;
        if (known != null && Objects.equals(known.uid(), uid)) {
            boolean same = known.devices().equals(devices);
            reused = hash != null && hash.equals(known.hash()) && (!same || known.hashReused());
            devices = same ? known.devices() : devices;
        }
        ReadDevices read = new ReadDevices(uid, hash, new WeakReference<>(list), devices, reused);
        readDevices.put(name, read);
        return read;
    }

    public void forgetHost(String name) {
        readDevices.remove(name);
    }

    /** How an agent's heartbeat is. */
    public enum Heartbeat {
        NONE("missing"),
        STALE("stale"),
        ALIVE("alive");

        private final String label;

        Heartbeat(String label) {
            this.label = label;
        }

        /** The value of the label {@code heartbeat} of the metric {@code pci_placement_agents}. */
        public String label() {
            return label;
        }
    }

    /** Whether the node's agent has renewed its Lease in time. */
    public Heartbeat heartbeat(String node, Instant now) {
        Optional<Duration> age = sinceHeartbeat(node, now);
        if (age.isEmpty()) {
            return Heartbeat.NONE;
        }
        Duration lasts = lease(node)
                .map(spec -> spec.getLeaseDurationSeconds())
                .map(Duration::ofSeconds)
                .orElse(Duration.ofMinutes(2));
        return age.get().compareTo(lasts) > 0 ? Heartbeat.STALE : Heartbeat.ALIVE;
    }

    /** How long ago the node's agent has renewed its Lease; empty where it never has. */
    public Optional<Duration> sinceHeartbeat(String node, Instant now) {
        return renewed(node).map(renewed -> Duration.between(renewed, now));
    }

    /** When a Lease of the operator's namespace was last renewed, as far as the watch has told. */
    public Optional<Instant> renewed(String lease) {
        return lease(lease).map(LeaseSpec::getRenewTime).map(ZonedDateTime::toInstant);
    }

    private Optional<LeaseSpec> lease(String name) {
        SharedIndexInformer<Lease> informer = leases;
        return Optional.ofNullable(informer)
                .map(known -> known.getStore().getByKey(settings.agentNamespace() + "/" + name))
                .map(Lease::getSpec);
    }

    /** All Leases of the operator's namespace. */
    List<Lease> leases() {
        return leases == null ? List.of() : leases.getStore().list();
    }

    /** Whether there is a node of this name among those that are ours. */
    public boolean hasNode(String name) {
        return nodes != null && nodes.getStore().getByKey(name) != null;
    }
}
