package io.pciplacement.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.pciplacement.api.v1alpha1.HostPciInventory;
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

/** Each check finds its own trap in a cloud that is healthy otherwise, and nothing in one that is. */
class DoctorTest {

    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
    private static final UUID ROOT = UUID.fromString("00000000-0000-4000-8000-000000000001");

    private static final String HEALTHY = """
            agent: {inventoryHash: x}
            providers: [{name: "h_0000:81:00.0", resourceClass: CUSTOM_NIC, state: InSync}]
            conditions: [{type: Ready, status: "True", reason: InSync, message: m, lastTransitionTime: t}]
            """;

    private final List<ResourceProvider> managed = new ArrayList<>();
    private final Set<UUID> ours = new HashSet<>();
    private final Set<UUID> owned = new HashSet<>(Set.of(ROOT));
    private final Set<UUID> computes = new HashSet<>();
    private Set<Trait> known = Set.of(Trait.OWNER_NOVA);
    private Set<Trait> idleTraits = Set.of();
    private final Set<CloudSnapshot.Permission> forbidden = new HashSet<>();
    private final Map<String, Duration> clocks = new HashMap<>(Map.of("Placement", Duration.ofSeconds(-4)));
    private Optional<Map<String, Heartbeat>> heartbeats =
            Optional.of(Map.of("h", new Heartbeat(NOW.minusSeconds(100), Duration.ofSeconds(120))));
    private String status = HEALTHY;
    private Map<String, JsonNode> kinds = Map.of();
    private final List<PciDeviceSpec> specs = new ArrayList<>();
    private List<HostPciInventory> allHosts = List.of();
    private List<String> exposures = List.of();

    private ResourceProvider provider(int number, boolean own) {
        ResourceProvider provider =
                new ResourceProvider(new UUID(0, number), "h_0000:81:0%d.0".formatted(number), ROOT, ROOT, 1);
        managed.add(provider);
        owned.add(provider.uuid());
        if (own) {
            ours.add(provider.uuid());
        }
        return provider;
    }

    private CloudSnapshot patient() {
        HostPciInventory host = new HostPciInventory();
        host.getMetadata().setName("h");
        try {
            host.setStatus(new YAMLMapper().readValue(status, HostPciInventoryStatus.class));
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
        return new CloudSnapshot(
                NOW,
                List.of(host),
                specs,
                heartbeats,
                clocks,
                kinds,
                new CloudSnapshot.PlacementFacts.Available(
                        managed,
                        ours,
                        owned,
                        computes,
                        known,
                        Set.of(new ResourceClass("CUSTOM_NIC")),
                        idleTraits,
                        forbidden),
                List.of(),
                allHosts.isEmpty() ? List.of(host) : allHosts,
                exposures);
    }

    /** What is found, and by which check. */
    private List<String> found() {
        CloudSnapshot patient = patient();
        return Check.all().stream()
                .flatMap(check -> check.examine(patient).stream()
                        .map(symptom -> "%s %s %s: %s"
                                .formatted(check.name(), symptom.severity(), symptom.where(), symptom.what())))
                .toList();
    }

    private void finds(String... beginnings) {
        List<String> found = found();
        assertThat(found).hasSize(beginnings.length);
        for (int i = 0; i < beginnings.length; i++) {
            assertThat(found.get(i)).startsWith(beginnings[i]);
        }
    }

    @Test
    void aHealthyCloudHasNothing() throws IOException {
        provider(1, true);
        kinds = crds();
        finds();
    }

    @Test
    void placementThatIsAwayIsSaidAndNothingElseOfIt() {
        CloudSnapshot seen = patient();
        CloudSnapshot away = new CloudSnapshot(
                NOW,
                seen.hosts(),
                List.of(),
                heartbeats,
                clocks,
                kinds,
                new CloudSnapshot.PlacementFacts.Unavailable("1.39 is needed"),
                List.of(),
                seen.hosts(),
                List.of());
        assertThat(Check.all().stream().flatMap(check -> check.examine(away).stream()))
                .singleElement()
                .satisfies(symptom -> assertThat(symptom.what()).isEqualTo("1.39 is needed"));
    }

    @Test
    void rightsThatAreMissing() {
        forbidden.addAll(List.of(CloudSnapshot.Permission.values()));
        finds(
                "PlacementPermissions error credential: it may read Placement, and may not change resource providers",
                "PlacementPermissions error credential: it may not change allocations",
                "PlacementPermissions note credential: POST /reshaper is forbidden");
    }

    private static Map<String, JsonNode> crds() throws IOException {
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
    void kindsThatAreOlder() throws IOException {
        kinds = crds();
        ((ObjectNode) kinds.get("pcidevicespecs").at("/properties/spec/properties")).remove("oneTimeUse");
        ((ObjectNode) kinds.get("hostpciinventories").at("/properties/status/properties/summary/properties"))
                .remove("unaccounted");
        finds(
                "CrdsUpToDate error hostpciinventories: the kind is older than this program and lacks status.summary.unaccounted:",
                "CrdsUpToDate error pcidevicespecs: the kind is older than this program and lacks spec.oneTimeUse:");
    }

    @Test
    void agentsThatAreLateOrNeverWere() {
        heartbeats = Optional.of(Map.of("h", new Heartbeat(NOW.minusSeconds(600), Duration.ofSeconds(120))));
        finds("AgentsReporting warning h: its agent has been silent for 10 min");
        heartbeats = Optional.of(Map.of());
        finds("AgentsReporting warning h: its agent has no Lease");
        heartbeats = Optional.empty();
        finds();
        status = HEALTHY.replace("x}", "x, error: no bus/pci}");
        finds("AgentsReporting warning h: its agent says: no bus/pci");
        status = "{}";
        finds(
                "AgentsReporting warning h: no agent has ever published",
                "UnusedPlacementNames note resource classes: 1 ");
    }

    @Test
    void clocksThatDiffer() {
        clocks.put("API server", Duration.ofSeconds(90));
        clocks.put("Placement", Duration.ofHours(-3));
        finds(
                "ClockSkew warning API server: its clock is 90 s ahead of this machine's",
                "ClockSkew warning Placement: its clock is 3 h behind this machine's");
    }

    @Test
    void hostsThatAreNotReady() {
        status = HEALTHY.replace("\"True\", reason: InSync", "\"False\", reason: ForeignOwner");
        finds("HostsReady warning h: ForeignOwner: m");
    }

    @Test
    void providersThatAnotherClientChangesBack() {
        status = HEALTHY.replace("state: InSync}", "state: Contested, reason: RewrittenByOther, message: both write}");
        finds("ContestedProviders warning h: both write");
    }

    @Test
    void aNovaComputeThatWouldNotStart() {
        provider(1, true);
        provider(2, true);
        computes.add(ROOT);
        finds(
                "NovaComputeStartup warning h: a nova-compute stands on this root, and 2 PCI providers of ours are below it");
    }

    @Test
    void aTreeThatTwoKeep() {
        provider(1, true);
        provider(2, false);
        computes.add(ROOT);
        finds("MixedProviderOwnership error h: 1 PCI providers of ours and 1 of somebody else's are below this root");
    }

    @Test
    void whatIsOnlyNovasIsNoTrap() {
        provider(1, false);
        computes.add(ROOT);
        owned.clear();
        finds();
    }

    @Test
    void whatTheSchedulerWouldNotSee() {
        provider(1, true);
        owned.clear();
        finds(
                "OwnerNovaTrait warning h: the root has no OWNER_NOVA",
                "OwnerNovaTrait warning h: 1 of its providers have no OWNER_NOVA (h_0000:81:01.0)");
        known = Set.of();
        finds("OwnerNovaTrait note Placement: it does not know the trait OWNER_NOVA");
    }

    @Test
    void aTreeThatIsWide() {
        StringBuilder many = new StringBuilder("agent: {inventoryHash: x}\nproviders:\n");
        for (int i = 0; i < 8; i++) {
            many.append("- {name: \"h_0000:81:0%d.0\", resourceClass: CUSTOM_NIC, state: InSync}\n".formatted(i));
        }
        status = many.toString();
        finds("ProviderFanOut note h: 8 providers of class CUSTOM_NIC");
    }

    @Test
    void namesOfNoUse() {
        idleTraits = Set.of(new Trait("CUSTOM_OLD"), new Trait("CUSTOM_WANTED"));
        PciDeviceSpec spec = new PciDeviceSpec();
        spec.setStatus(new PciDeviceSpecStatus(1L, "CUSTOM_NIC", List.of("CUSTOM_WANTED"), null, null, null));
        specs.add(spec);
        status = "agent: {inventoryHash: x}";
        finds("UnusedPlacementNames note traits: 1 that no provider has and no spec wants: CUSTOM_OLD");
        specs.clear();
        idleTraits = Set.of();
        finds("UnusedPlacementNames note resource classes: 1 that no host of this cluster offers");
    }

    /** What is asked about one host, another may offer. */
    @Test
    void classesOfOtherHostsAreOfUse() throws IOException {
        status = "agent: {inventoryHash: x}";
        HostPciInventory other = new HostPciInventory();
        other.getMetadata().setName("other");
        other.setStatus(new YAMLMapper().readValue(HEALTHY, HostPciInventoryStatus.class));
        allHosts = List.of(other);
        finds();
    }

    @Test
    void aConnectionWithoutProtection() {
        exposures = List.of("cloud 'c' of clouds.yaml: verify is false");
        finds("ConnectionSecurity note Placement: cloud 'c' of clouds.yaml: verify is false");
    }

    @Test
    void thePageListsEveryCheck() throws IOException {
        String page = Files.readString(Path.of("docs/pci.md"));
        Stream.concat(Check.all().stream().map(Check::name), Stream.of("pci doctor"))
                .forEach(name -> assertThat(page).contains("`" + name + "`"));
        assertThat(Check.all().stream().map(Object::getClass)).containsExactlyInAnyOrderElementsOf(kinds(Check.class));
    }

    private static List<Class<?>> kinds(Class<?> sealed) {
        return Stream.of(sealed.getPermittedSubclasses())
                .<Class<?>>mapMulti((kind, found) -> {
                    if (kind.isSealed()) {
                        kinds(kind).forEach(found);
                    } else {
                        found.accept(kind);
                    }
                })
                .toList();
    }
}
