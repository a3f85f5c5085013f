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
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.logging.JvmErrors;
import io.pciplacement.mapping.AttachmentMapper;
import io.pciplacement.mapping.DeviceListMapper;
import io.pciplacement.mapping.PciDeviceSpecMapper;
import io.pciplacement.memory.RecentValues;
import io.pciplacement.operator.settings.OperatorSettings;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.attachment.ServerSighting;
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
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Cache of nodes, hosts, device specs, PciAllocations and agents' Leases, fed by informers. Device specs and device
 * lists are parsed once per change.
 */
@ApplicationScoped
public class ClusterCache {

    private static final Logger LOG = Logger.getLogger(ClusterCache.class);

    private static final String BY_ROOT = "root-provider";
    private static final String BY_SERVER = "server";
    private static final int MAX_CAUSE = 300;

    /** The number of different lists of devices that are shared by identical hosts, a power of two. */
    private static final int SHARED_DEVICE_LISTS = 1 << 8;

    private final KubernetesClient client;
    private final OperatorSettings settings;
    private final Map<String, ParsedSpec> parsedSpecs = new ConcurrentHashMap<>();
    private final Map<String, ParsedDevices> parsedDevices = new ConcurrentHashMap<>();
    private final RecentValues<HostDevices> sharedDevices = new RecentValues<>(SHARED_DEVICE_LISTS);
    private volatile @Nullable IndexerResourceCache<HostPciInventory> hosts;
    private volatile @Nullable Cache<PciDeviceSpec> specs;
    private volatile @Nullable Cache<PciAllocation> allocations;
    private volatile @Nullable SharedIndexInformer<Node> nodes;
    private volatile @Nullable SharedIndexInformer<Lease> leases;

    private record ParsedSpec(String uid, Long generation, DeviceSpec spec) {}

    /**
     * A parsed device list of a host.
     *
     * @param list the parsed list; a weak reference, because the next version of the object has another list
     * @param hashReused whether a different list with the same hash was seen before
     */
    private record ParsedDevices(
            @Nullable String uid,
            @Nullable String hash,
            WeakReference<List<DeviceStatus>> list,
            HostDevices devices,
            boolean hashReused) {

        static final ParsedDevices NONE =
                new ParsedDevices(null, null, new WeakReference<>(null), HostDevices.NONE, false);
    }

    public ClusterCache(KubernetesClient client, OperatorSettings settings) {
        this.client = client;
        this.settings = settings;
    }

    public void setHostCache(IndexerResourceCache<HostPciInventory> cache) {
        cache.addIndexer(BY_ROOT, host -> List.of(host.rootProviderName()));
        cache.addIndexer(
                BY_SERVER,
                host -> AttachmentMapper.serverUuids(host).stream()
                        .map(UUID::toString)
                        .toList());
        hosts = cache;
    }

    /** The hosts that list a server of libvirt; none until all informers have started. */
    public List<ServerSighting> sightingsOf(UUID server) {
        IndexerResourceCache<HostPciInventory> cache = hosts;
        return cache == null || nodes == null
                ? List.of()
                : cache.byIndex(BY_SERVER, server.toString()).stream()
                        .flatMap(host -> AttachmentMapper.findSighting(host, server).stream())
                        .toList();
    }

    /** The host that owns a root provider: the oldest of those that use it. */
    public Optional<HostPciInventory> findRootOwner(String rootName) {
        IndexerResourceCache<HostPciInventory> cache = hosts;
        return cache == null
                ? Optional.empty()
                : cache.byIndex(BY_ROOT, rootName).stream()
                        .min(Comparator.<HostPciInventory, String>comparing(
                                        host -> host.getMetadata().getCreationTimestamp())
                                .thenComparing(host -> host.getMetadata().getName()));
    }

    public void setSpecCache(Cache<PciDeviceSpec> cache) {
        specs = cache;
    }

    public void setAllocationCache(Cache<PciAllocation> cache) {
        allocations = cache;
    }

    /** Starts the informers of nodes and Leases; returns when both have synced. */
    public void startInformers(ResourceEventHandler<Node> onNode) {
        nodes = settings.nodeSelector()
                .map(selector -> client.nodes().withLabelSelector(selector).inform(onNode))
                .orElseGet(() -> client.nodes().inform(onNode));
        leases = client.leases().inNamespace(settings.namespace()).inform();
    }

    /** Whether the watches of nodes and Leases are connected. */
    public boolean isWatching() {
        SharedIndexInformer<Node> ofNodes = nodes;
        SharedIndexInformer<Lease> ofLeases = leases;
        return ofNodes != null && ofNodes.isWatching() && ofLeases != null && ofLeases.isWatching();
    }

    public Stream<HostPciInventory> listHosts() {
        return hosts == null ? Stream.of() : hosts.list();
    }

    /** The nodes whose devices should be in Placement, below a root provider of their own. */
    public Stream<String> reportedNodes() {
        return listHosts()
                .filter(HostPciInventory::isWriteAllowed)
                .filter(host -> findRootOwner(host.rootProviderName())
                        .filter(owner -> owner.getMetadata()
                                .getName()
                                .equals(host.getMetadata().getName()))
                        .isPresent())
                .map(host -> host.getMetadata().getName());
    }

    public boolean hasHost(String name) {
        return findHost(name).isPresent();
    }

    /** The host's object from the cache. */
    public Optional<HostPciInventory> findHost(String name) {
        IndexerResourceCache<HostPciInventory> cache = hosts;
        return cache == null ? Optional.empty() : cache.get(new ResourceID(name));
    }

    public Stream<PciDeviceSpec> listSpecs() {
        return specs == null ? Stream.of() : specs.list();
    }

    public Stream<PciAllocation> listAllocations() {
        return allocations == null ? Stream.of() : allocations.list();
    }

    /** The PciAllocation from the cache. */
    public Optional<PciAllocation> findAllocation(String name) {
        Cache<PciAllocation> cache = allocations;
        return cache == null ? Optional.empty() : cache.get(new ResourceID(name));
    }

    public List<Node> listNodes() {
        return nodes == null ? List.of() : nodes.getStore().list();
    }

    /** The labels of a node; empty if the node does not exist or the node selector does not match it. */
    public Optional<Map<String, String>> findNodeLabels(String node) {
        SharedIndexInformer<Node> informer = nodes;
        Node found = informer == null ? null : informer.getStore().getByKey(node);
        return Optional.ofNullable(found)
                .map(known -> Objects.requireNonNullElse(known.getMetadata().getLabels(), Map.of()));
    }

    /** The spec in its domain form. */
    public DeviceSpec parsedSpec(PciDeviceSpec object) {
        String uid = object.getMetadata().getUid();
        Long generation = object.getMetadata().getGeneration();
        String name = object.getMetadata().getName();
        ParsedSpec known = parsedSpecs.get(name);
        if (known != null && known.uid().equals(uid) && known.generation().equals(generation)) {
            return known.spec();
        }
        DeviceSpec spec = parseSpec(object);
        parsedSpecs.put(name, new ParsedSpec(uid, generation, spec));
        return spec;
    }

    /** A spec that cannot be parsed is invalid; it must not block the reconciliation of hosts. */
    private static DeviceSpec parseSpec(PciDeviceSpec object) {
        try {
            return PciDeviceSpecMapper.toDeviceSpec(object);
        } catch (RuntimeException | Error e) {
            if (JvmErrors.isFatal(e)) {
                throw e;
            }
            JvmErrors.truncateStackTrace(e);
            LOG.errorf(
                    e, "failed to parse PciDeviceSpec %s", object.getMetadata().getName());
            return PciDeviceSpecMapper.unreadableSpec(
                    object.getMetadata().getName(), SafeText.singleLine(e.toString(), MAX_CAUSE));
        }
    }

    /** Removes the parsed content of deleted objects. */
    public void releaseDeletedObjects() {
        Cache<PciDeviceSpec> cache = specs;
        if (cache != null) {
            parsedSpecs
                    .keySet()
                    .removeIf(name -> cache.get(new ResourceID(name)).isEmpty());
        }
        parsedDevices.keySet().removeIf(name -> !hasHost(name));
    }

    /** Number of objects with parsed content in the cache. */
    public int parsedObjectCount() {
        return parsedSpecs.size() + parsedDevices.size();
    }

    /** The devices published by the host's agent; the same instance as long as they do not change. */
    public HostDevices publishedDevices(HostPciInventory host) {
        return parsedDevices(host).devices();
    }

    /** Whether the host's agent has published a different list under the same hash. */
    public boolean hasReusedHash(HostPciInventory host) {
        return parsedDevices(host).hashReused();
    }

    private ParsedDevices parsedDevices(HostPciInventory host) {
        HostPciInventoryStatus status = host.getStatus();
        List<DeviceStatus> list = status == null ? null : status.devices();
        if (list == null) {
            return ParsedDevices.NONE;
        }
        String name = host.getMetadata().getName();
        ParsedDevices known = parsedDevices.get(name);
        if (known != null && known.list().refersTo(list)) {
            return known;
        }
        // The hash comes from the host and is not trusted, so the devices are compared, not their hashes.
        String uid = host.getMetadata().getUid();
        String hash = status.agent() == null ? null : status.agent().inventoryHash();
        HostDevices devices = sharedDevices.share(DeviceListMapper.toHostDevices(list));
        boolean reused = false;
        if (known != null && Objects.equals(known.uid(), uid)) {
            boolean same = known.devices().equals(devices);
            reused = hash != null && hash.equals(known.hash()) && (!same || known.hashReused());
            devices = same ? known.devices() : devices;
        }
        ParsedDevices read = new ParsedDevices(uid, hash, new WeakReference<>(list), devices, reused);
        parsedDevices.put(name, read);
        return read;
    }

    public void forgetHost(String name) {
        parsedDevices.remove(name);
    }

    /** State of an agent's heartbeat. */
    public enum Heartbeat {
        NONE("missing"),
        STALE("stale"),
        ALIVE("alive");

        private final String label;

        Heartbeat(String label) {
            this.label = label;
        }

        /** The value of the label {@code heartbeat} of the metric {@code pci_placement_agents}. */
        public String labelValue() {
            return label;
        }
    }

    /** Whether the node's agent has renewed its Lease in time. */
    public Heartbeat heartbeatState(String node, Instant now) {
        Optional<Duration> age = heartbeatAge(node, now);
        if (age.isEmpty()) {
            return Heartbeat.NONE;
        }
        Duration leaseDuration = findLease(node)
                .map(spec -> spec.getLeaseDurationSeconds())
                .map(Duration::ofSeconds)
                .orElse(Duration.ofMinutes(2));
        return age.get().compareTo(leaseDuration) > 0 ? Heartbeat.STALE : Heartbeat.ALIVE;
    }

    /** Time since the node's agent renewed its Lease; empty if it never has. */
    public Optional<Duration> heartbeatAge(String node, Instant now) {
        return leaseRenewTime(node).map(renewed -> Duration.between(renewed, now));
    }

    /** Last renewal time of a Lease in the operator's namespace, as delivered by the watch. */
    public Optional<Instant> leaseRenewTime(String lease) {
        return findLease(lease).map(LeaseSpec::getRenewTime).map(ZonedDateTime::toInstant);
    }

    private Optional<LeaseSpec> findLease(String name) {
        SharedIndexInformer<Lease> informer = leases;
        return Optional.ofNullable(informer)
                .map(known -> known.getStore().getByKey(settings.namespace() + "/" + name))
                .map(Lease::getSpec);
    }

    /** All Leases of the operator's namespace. */
    List<Lease> listLeases() {
        return leases == null ? List.of() : leases.getStore().list();
    }

    /** Whether a node of this name exists and the node selector matches it. */
    public boolean hasNode(String name) {
        return nodes != null && nodes.getStore().getByKey(name) != null;
    }
}
