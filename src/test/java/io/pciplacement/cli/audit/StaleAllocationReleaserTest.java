package io.pciplacement.cli.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.pci.AttachedServer;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.attachment.AttachmentDifference.AllocatedNotAttached;
import io.pciplacement.planning.attachment.AttachmentDifference.AttachedNotTracked;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.FakePlacement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Only units that have had no device for some time are released, and nothing else of the consumer. */
class StaleAllocationReleaserTest {

    private static final ResourceClass VCPU = new ResourceClass("VCPU");
    private static final ResourceClass VF = new ResourceClass("CUSTOM_VF");
    private static final UUID ROOT = new UUID(1, 0);
    private static final UUID FIRST = new UUID(1, 1);
    private static final UUID SECOND = new UUID(1, 2);
    private static final UUID CONSUMER = new UUID(2, 1);
    private static final String SINCE = "2026-01-01T00:00:00Z";

    private final FakePlacement placement = new FakePlacement();

    @BeforeEach
    void createProviders() {
        placement.createResourceClass(VF);
        provider(ROOT, "host", Optional.empty(), VCPU);
        provider(FIRST, "host_0000:81:00.0", Optional.of(ROOT), VF);
        provider(SECOND, "host_0000:82:00.0", Optional.of(ROOT), VF);
        allocate(Map.of(ROOT, Map.of(VCPU, 2), FIRST, Map.of(VF, 3), SECOND, Map.of(VF, 1)));
    }

    private void provider(UUID uuid, String name, Optional<UUID> parent, ResourceClass resourceClass) {
        int generation = placement.createProvider(uuid, name, parent).generation();
        placement.putInventories(uuid, new ProviderInventories(generation, Map.of(resourceClass, Inventory.of(8, 0))));
    }

    private void allocate(Map<UUID, Map<ResourceClass, Integer>> resources) {
        placement.putAllocations(Map.of(
                CONSUMER,
                new Allocation(
                        resources, "p", "u", placement.getAllocation(CONSUMER).generation(), "INSTANCE")));
    }

    private static AuditedDifference stale(String provider, int units, @Nullable String firstSeen) {
        return new AuditedDifference("node", new AllocatedNotAttached(CONSUMER, provider, units), firstSeen);
    }

    private List<StaleAllocationReleaser.Release> release(boolean dryRun, AuditedDifference... differences) {
        return new StaleAllocationReleaser(placement, placement.listProvidersInTree(ROOT))
                .release(CONSUMER, List.of(differences), dryRun);
    }

    private Map<UUID, Map<ResourceClass, Integer>> resources() {
        return new HashMap<>(placement.getAllocation(CONSUMER).resources());
    }

    @Test
    void unitsWithoutDeviceAreReleased() {
        assertThat(release(false, stale("host_0000:81:00.0", 2, SINCE), stale("host_0000:82:00.0", 1, SINCE)))
                .containsExactly(
                        new StaleAllocationReleaser.Release("node", "host_0000:81:00.0", "CUSTOM_VF", 3, 1),
                        new StaleAllocationReleaser.Release("node", "host_0000:82:00.0", "CUSTOM_VF", 1, 0));
        assertThat(resources()).isEqualTo(Map.of(ROOT, Map.of(VCPU, 2), FIRST, Map.of(VF, 1)));
    }

    @Test
    void dryRunWritesNothing() {
        Map<UUID, Map<ResourceClass, Integer>> before = resources();
        placement.requests.clear();
        assertThat(release(true, stale("host_0000:81:00.0", 2, SINCE))).hasSize(1);
        assertThat(resources()).isEqualTo(before);
        assertThat(placement.requests).allMatch(request -> request.startsWith("GET"));
    }

    @Test
    void consumerWithoutOtherResourcesIsRemoved() {
        allocate(Map.of(SECOND, Map.of(VF, 1)));
        release(false, stale("host_0000:82:00.0", 1, SINCE));
        assertThat(placement.getAllocation(CONSUMER).generation()).isNull();
    }

    private void assertRefused(String message, AuditedDifference... differences) {
        Map<UUID, Map<ResourceClass, Integer>> before = resources();
        assertThatThrownBy(() -> release(false, differences))
                .hasMessageContaining(message)
                .hasMessageContaining(CONSUMER.toString())
                .isInstanceOfSatisfying(
                        CliException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.UNRESOLVED));
        assertThat(resources()).isEqualTo(before);
    }

    @Test
    void serverThatMayBeStartingIsNotTouched() {
        assertRefused(
                "the operator does not report the difference on node yet",
                stale("host_0000:81:00.0", 2, SINCE),
                stale("host_0000:82:00.0", 1, null));
    }

    @Test
    void otherConsumersAndDifferencesAreNotTouched() {
        assertRefused("has no units without an attached device");
        assertRefused(
                "has no units without an attached device",
                new AuditedDifference("node", new AllocatedNotAttached(new UUID(2, 2), "host_0000:81:00.0", 1), SINCE),
                new AuditedDifference(
                        "node",
                        new AttachedNotTracked(
                                new AttachedServer(CONSUMER, "web", null, null, true, new TreeMap<>()),
                                Devices.at("0000:81:00.0")),
                        SINCE));
    }

    @Test
    void unitsThatWereReleasedInTheMeantimeAreNotReleasedAgain() {
        allocate(Map.of(ROOT, Map.of(VCPU, 2), FIRST, Map.of(VF, 1)));
        assertThat(release(false, stale("host_0000:81:00.0", 2, SINCE), stale("host_0000:82:00.0", 1, SINCE)))
                .containsExactly(new StaleAllocationReleaser.Release("node", "host_0000:81:00.0", "CUSTOM_VF", 1, 0));
    }

    @Test
    void concurrentChangeReleasesNothing() {
        placement.before = request -> {
            if (request.startsWith("PUT /allocations") || request.startsWith("POST /allocations")) {
                placement.before = any -> {};
                throw new PlacementException.GenerationConflict("another client has changed the consumer.");
            }
        };
        assertRefused(
                "another client has changed the consumer. Nothing was released", stale("host_0000:81:00.0", 2, SINCE));
    }
}
