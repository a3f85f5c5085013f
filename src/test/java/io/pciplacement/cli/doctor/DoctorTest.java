package io.pciplacement.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.api.v1alpha1.PciDeviceSpecStatus;
import io.pciplacement.cli.doctor.CloudSnapshot.Heartbeat;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** Each check detects its problem in an otherwise healthy cloud, and nothing in a healthy one. */
class DoctorTest {

    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
    private static final UUID ROOT = UUID.fromString("00000000-0000-4000-8000-000000000001");

    private static final String HEALTHY = """
            agent: {inventoryHash: x}
            providers: [{name: "h_0000:81:00.0", resourceClass: CUSTOM_NIC, state: InSync}]
            conditions: [{type: Ready, status: "True", reason: InSync, message: m, lastTransitionTime: t}]
            """;

    private final List<ResourceProvider> pciProviders = new ArrayList<>();
    private final Set<UUID> operatorProviders = new HashSet<>();
    private final Set<UUID> ownerNovaProviders = new HashSet<>(Set.of(ROOT));
    private final List<ResourceProvider> operatorRoots = new ArrayList<>();
    private final List<ResourceProvider> computeNodes = new ArrayList<>();
    private Set<Trait> knownTraits = Set.of(Trait.OWNER_NOVA);
    private Set<Trait> unusedTraits = Set.of();
    private final Set<CloudSnapshot.Permission> missingPermissions = new HashSet<>();
    private final Map<String, Duration> clockOffsets = new HashMap<>(Map.of("Placement", Duration.ofSeconds(-4)));
    private Optional<Map<String, Heartbeat>> heartbeats =
            Optional.of(Map.of("h", new Heartbeat(NOW.minusSeconds(100), Duration.ofSeconds(120))));
    private String spec = "{reporting: Enabled}";
    private String status = HEALTHY;
    private Map<String, JsonNode> schemas = Map.of();
    private final List<PciDeviceSpec> specs = new ArrayList<>();
    private List<HostPciInventory> allHosts = List.of();
    private List<String> exposures = List.of();

    private ResourceProvider addProvider(int number, boolean ofOperator) {
        ResourceProvider provider =
                new ResourceProvider(new UUID(0, number), "h_0000:81:0%d.0".formatted(number), ROOT, ROOT, 1);
        pciProviders.add(provider);
        ownerNovaProviders.add(provider.uuid());
        if (ofOperator) {
            operatorProviders.add(provider.uuid());
        }
        return provider;
    }

    private static ResourceProvider root() {
        return new ResourceProvider(ROOT, "h", null, ROOT, 1);
    }

    private CloudSnapshot snapshot() {
        HostPciInventory host = new HostPciInventory();
        host.getMetadata().setName("h");
        try {
            host.setSpec(new YAMLMapper().readValue(spec, HostPciInventorySpec.class));
            host.setStatus(new YAMLMapper().readValue(status, HostPciInventoryStatus.class));
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
        return new CloudSnapshot(
                NOW,
                List.of(host),
                specs,
                heartbeats,
                clockOffsets,
                schemas,
                new CloudSnapshot.PlacementFacts.Available(
                        pciProviders,
                        operatorProviders,
                        ownerNovaProviders,
                        operatorRoots,
                        computeNodes,
                        knownTraits,
                        Set.of(new ResourceClass("CUSTOM_NIC")),
                        unusedTraits,
                        missingPermissions),
                List.of(),
                allHosts.isEmpty() ? List.of(host) : allHosts,
                exposures);
    }

    /** Results of all checks, with the name of the check. */
    private List<String> evaluateChecks() {
        CloudSnapshot snapshot = snapshot();
        return Check.allChecks().stream()
                .flatMap(check -> check.evaluate(snapshot).stream()
                        .map(result -> "%s %s %s: %s"
                                .formatted(check.checkName(), result.severity(), result.subject(), result.message())))
                .toList();
    }

    private void assertResults(String... prefixes) {
        List<String> results = evaluateChecks();
        assertThat(results).hasSize(prefixes.length);
        for (int i = 0; i < prefixes.length; i++) {
            assertThat(results.get(i)).startsWith(prefixes[i]);
        }
    }

    @Test
    void namesDegradedDevicesThatAreNotQuarantined() {
        status = HEALTHY + """
                devices:
                - {address: "0000:81:00.0", type: PCI, vendorId: "10de", productId: "2330",
                   health: {link: {speed: 2.5 GT/s PCIe, width: 16, maxSpeed: 16.0 GT/s PCIe, maxWidth: 16},
                            correctableErrors: 4096, nonFatalErrors: 0, fatalErrors: 0}}
                - {address: "0000:82:00.0", type: PCI, vendorId: "10de", productId: "2330",
                   health: {link: {width: 4, maxWidth: 16}, nonFatalErrors: 64}}
                """;
        assertResults(
                "DegradedDevices warning h: 0000:82:00.0 is degraded: 4 of 16 lanes, at least 64 non-fatal AER errors");
        spec = "{reporting: Enabled, quarantine: [{address: \"0000:82:00.0\", reason: lanes}]}";
        assertResults();
    }

    @Test
    void healthyCloudHasNoResults() throws IOException {
        addProvider(1, true);
        schemas = readCrdSchemas();
        assertResults();
    }

    @Test
    void unavailablePlacementIsTheOnlyResult() {
        CloudSnapshot available = snapshot();
        CloudSnapshot unavailable = new CloudSnapshot(
                NOW,
                available.hosts(),
                List.of(),
                heartbeats,
                clockOffsets,
                schemas,
                new CloudSnapshot.PlacementFacts.Unavailable("1.39 is needed"),
                List.of(),
                available.hosts(),
                List.of());
        assertThat(Check.allChecks().stream().flatMap(check -> check.evaluate(unavailable).stream()))
                .singleElement()
                .satisfies(result -> assertThat(result.message()).isEqualTo("1.39 is needed"));
    }

    @Test
    void detectsMissingPermissions() {
        missingPermissions.addAll(List.of(CloudSnapshot.Permission.values()));
        assertResults(
                "PlacementPermissions error credentials: they allow reading Placement, but not changing resource providers",
                "PlacementPermissions error credentials: they do not allow changing allocations",
                "PlacementPermissions note credentials: they do not allow POST /reshaper");
    }

    private static Map<String, JsonNode> readCrdSchemas() throws IOException {
        Map<String, JsonNode> crds = new HashMap<>();
        for (String plural : List.of("hostpciinventories", "pcidevicespecs", "pciallocations")) {
            JsonNode crd = new ObjectMapper()
                    .valueToTree(new Yaml()
                            .load(Files.readString(Path.of("deploy/crds", plural + ".pciplacement.io.yaml"))));
            crds.put(plural, crd.at("/spec/versions/0/schema/openAPIV3Schema"));
        }
        return crds;
    }

    @Test
    void detectsOutdatedCrds() throws IOException {
        schemas = readCrdSchemas();
        ((ObjectNode) schemas.get("pcidevicespecs").at("/properties/spec/properties")).remove("oneTimeUse");
        ((ObjectNode) schemas.get("hostpciinventories").at("/properties/status/properties/summary/properties"))
                .remove("unaccounted");
        assertResults(
                "CrdsUpToDate error hostpciinventories: the CRD is older than the command and lacks status.summary.unaccounted:",
                "CrdsUpToDate error pcidevicespecs: the CRD is older than the command and lacks spec.oneTimeUse:");
    }

    @Test
    void detectsAgentsThatDoNotReport() {
        heartbeats = Optional.of(Map.of("h", new Heartbeat(NOW.minusSeconds(600), Duration.ofSeconds(120))));
        assertResults("AgentsReporting warning h: the agent has not sent a heartbeat for 10 min");
        heartbeats = Optional.of(Map.of());
        assertResults("AgentsReporting warning h: the agent has no Lease");
        heartbeats = Optional.empty();
        assertResults();
        status = HEALTHY.replace("x}", "x, error: no bus/pci}");
        assertResults("AgentsReporting warning h: the agent reports an error: no bus/pci");
        status = "{}";
        assertResults(
                "AgentsReporting warning h: no agent has published", "UnusedPlacementNames note resource classes: 1 ");
    }

    @Test
    void detectsClockSkew() {
        clockOffsets.put("API server", Duration.ofSeconds(90));
        clockOffsets.put("Placement", Duration.ofHours(-3));
        assertResults(
                "ClockSkew warning API server: its clock is 90 s ahead of the clock of this machine",
                "ClockSkew warning Placement: its clock is 3 h behind the clock of this machine");
    }

    @Test
    void detectsHostsThatAreNotReady() {
        status = HEALTHY.replace("\"True\", reason: InSync", "\"False\", reason: ForeignOwner");
        assertResults("HostsReady warning h: ForeignOwner: m");
    }

    @Test
    void detectsContestedProviders() {
        status = HEALTHY.replace("state: InSync}", "state: Contested, reason: RewrittenByOther, message: both write}");
        assertResults("ContestedProviders warning h: both write");
    }

    @Test
    void detectsQuarantinedDevicesThatRequireAction() {
        spec = """
                reporting: Enabled
                quarantine:
                - {address: "0000:81:00.0", reason: ECC}
                - {address: "0000:82:00.0", reason: Fan}
                - {address: "0000:83:00.0", reason: Link}
                - {address: "0000:84:00.0", reason: New}
                """;
        status = HEALTHY + """
                maintenance:
                  quarantinedDevices:
                  - address: "0000:81:00.0"
                    since: t
                    state: Reserved
                    deviceIdentity: {vendorId: "8086", productId: "1533", serialNumber: a}
                    replacedBy: {vendorId: "8086", productId: "1533", serialNumber: b}
                  - {address: "0000:82:00.0", since: t, state: InUse}
                  - {address: "0000:83:00.0", since: t, state: Reserved}
                """;
        assertResults(
                "QuarantinedDevices warning h: 0000:81:00.0 is quarantined (ECC), but card 8086:1533/a has been replaced by card 8086:1533/b",
                "QuarantinedDevices warning h: 0000:82:00.0 is quarantined (Fan), and a consumer still has it");
    }

    @Test
    void detectsNovaComputeThatCannotStart() {
        addProvider(1, true);
        addProvider(2, true);
        computeNodes.add(root());
        assertResults(
                "NovaComputeStartup warning h: a nova-compute uses this root provider, and 2 PCI providers of the operator are below it");
    }

    @Test
    void detectsTreeWithTwoOwners() {
        addProvider(1, true);
        addProvider(2, false);
        computeNodes.add(root());
        assertResults(
                "MixedProviderOwnership error h: 1 PCI providers of the operator and 1 of another service are below this root");
    }

    /** Providers that nova-compute writes, with and without the ownership trait, in a tree of its own. */
    @Test
    void ignoresMixedTreesThatTheOperatorDoesNotWrite() {
        addProvider(1, true);
        addProvider(2, false);
        computeNodes.add(root());
        status = "agent: {inventoryHash: x}";
        for (String mode : List.of("Nova", "Disabled")) {
            spec = "{reporting: %s}".formatted(mode);
            assertResults("UnusedPlacementNames note resource classes: 1 ");
        }
    }

    @Test
    void ignoresTreesOfNova() {
        addProvider(1, false);
        computeNodes.add(root());
        ownerNovaProviders.clear();
        assertResults();
    }

    @Test
    void detectsMissingOwnerNovaTrait() {
        addProvider(1, true);
        ownerNovaProviders.clear();
        assertResults(
                "OwnerNovaTrait warning h: the root provider has no OWNER_NOVA",
                "OwnerNovaTrait warning h: 1 of its providers have no OWNER_NOVA (h_0000:81:01.0)");
        knownTraits = Set.of();
        assertResults("OwnerNovaTrait note Placement: it does not have the trait OWNER_NOVA");
    }

    @Test
    void detectsManyProvidersOfOneClass() {
        StringBuilder many = new StringBuilder("agent: {inventoryHash: x}\nproviders:\n");
        for (int i = 0; i < 8; i++) {
            many.append("- {name: \"h_0000:81:0%d.0\", resourceClass: CUSTOM_NIC, state: InSync}\n".formatted(i));
        }
        status = many.toString();
        assertResults("ProviderFanOut note h: 8 providers of class CUSTOM_NIC");
    }

    @Test
    void detectsUnusedNames() {
        unusedTraits = Set.of(new Trait("CUSTOM_OLD"), new Trait("CUSTOM_WANTED"));
        PciDeviceSpec spec = new PciDeviceSpec();
        spec.setStatus(new PciDeviceSpecStatus(1L, "CUSTOM_NIC", List.of("CUSTOM_WANTED"), null, null, null));
        specs.add(spec);
        status = "agent: {inventoryHash: x}";
        assertResults("UnusedPlacementNames note traits: 1 that no provider has and no spec defines: CUSTOM_OLD");
        specs.clear();
        unusedTraits = Set.of();
        assertResults("UnusedPlacementNames note resource classes: 1 that no host of this cluster provides");
    }

    /** A class may be used by a host that was not selected. */
    @Test
    void classesOfOtherHostsAreUsed() throws IOException {
        status = "agent: {inventoryHash: x}";
        HostPciInventory other = new HostPciInventory();
        other.getMetadata().setName("other");
        other.setStatus(new YAMLMapper().readValue(HEALTHY, HostPciInventoryStatus.class));
        allHosts = List.of(other);
        assertResults();
    }

    @Test
    void detectsInsecureConnection() {
        exposures = List.of("cloud 'c' of clouds.yaml: verify is false");
        assertResults("ConnectionSecurity note Placement: cloud 'c' of clouds.yaml: verify is false");
    }

    @Test
    void documentationListsEveryCheck() throws IOException {
        String page = Files.readString(Path.of("docs/pci.md"));
        Stream.concat(Check.allChecks().stream().map(Check::checkName), Stream.of("pci doctor"))
                .forEach(name -> assertThat(page).contains("`" + name + "`"));
        assertThat(Check.allChecks().stream().map(Object::getClass))
                .containsExactlyInAnyOrderElementsOf(leafTypes(Check.class));
    }

    private static List<Class<?>> leafTypes(Class<?> sealed) {
        return Stream.of(sealed.getPermittedSubclasses())
                .<Class<?>>mapMulti((type, leaves) -> {
                    if (type.isSealed()) {
                        leafTypes(type).forEach(leaves);
                    } else {
                        leaves.accept(type);
                    }
                })
                .toList();
    }
}
