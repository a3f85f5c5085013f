package io.pciplacement.sync.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.ProviderOperation;
import io.pciplacement.planning.finding.Finding;
import io.pciplacement.sync.host.HostSyncRequest.WriteScope;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tests when a provider that another client changes is no longer written. */
class RewriteDetectorTest {

    private static final UUID ROOT = new UUID(7, 0);
    private static final UUID PROVIDER = new UUID(7, 1);
    private static final String NAME = "gpu-07_0000:81:02.0";
    private static final ResourceClass VF = new ResourceClass("CUSTOM_VF");
    private static final Trait BLUE = new Trait("CUSTOM_BLUE");
    private static final Trait RED = new Trait("CUSTOM_RED");

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final RewriteDetector detector = new RewriteDetector(() -> now);

    private static SortedMap<ResourceClass, Inventory> inventory(int total, int reserved) {
        return new TreeMap<>(total == 0 ? Map.of() : Map.of(VF, Inventory.of(total, reserved)));
    }

    private static ProviderDecision decision(State state, int total, List<ProviderOperation> operations) {
        return new ProviderDecision(
                NAME,
                PROVIDER,
                state,
                "vfs",
                total,
                DeviceType.VF,
                inventory(total, 0),
                new TreeSet<>(List.of(BLUE)),
                0,
                List.of(),
                operations,
                null,
                null);
    }

    /** A decision that writes the desired total and the trait BLUE. */
    private static ProviderDecision writing(int total) {
        return decision(
                State.WANTED,
                total,
                List.of(new ProviderOperation.PutInventories(PROVIDER, inventory(total, 0), DeviceType.VF)));
    }

    private static ProviderDecision inSync(int total) {
        return decision(State.WANTED, total, List.of());
    }

    private static ObservedProvider observed(int total, int reserved, Trait... traits) {
        return new ObservedProvider(
                new ResourceProvider(PROVIDER, NAME, ROOT, ROOT, 1),
                inventory(total, reserved),
                new TreeSet<>(List.of(traits)),
                Map.of(),
                DeviceType.VF);
    }

    /** Checks a decision and, unless it is contested, writes it. */
    private ProviderDecision syncProvider(ProviderDecision decision, @Nullable ObservedProvider observed) {
        ProviderDecision checked = detector.checkForRewrites(decision, observed, WriteScope.PROVIDERS);
        detector.recordWrite(checked, WriteScope.PROVIDERS);
        return checked;
    }

    private static List<String> messages(ProviderDecision decision) {
        return decision.findings().stream().map(Finding::message).toList();
    }

    @Test
    void stopsAfterTheSecondRevert() {
        ObservedProvider reverted = observed(2, 0, BLUE, RED);
        assertThat(syncProvider(writing(4), reverted)).as("first write").isEqualTo(writing(4));
        assertThat(syncProvider(writing(4), reverted)).as("first revert").isEqualTo(writing(4));
        ProviderDecision contested = syncProvider(writing(4), reverted);
        assertThat(contested.state()).isEqualTo(State.CONTESTED);
        assertThat(contested.operations()).isEmpty();
        assertThat(contested.inventories()).as("as in Placement").isEqualTo(reverted.inventories());
        assertThat(messages(contested))
                .singleElement()
                .asString()
                .contains(NAME, "4 CUSTOM_VF", "2 CUSTOM_VF, trait CUSTOM_RED")
                .doesNotContain("BLUE");
        assertThat(syncProvider(writing(4), reverted).state()).isEqualTo(State.CONTESTED);
    }

    @Test
    void deletionsCount() {
        for (int i = 0; i < 2; i++) {
            assertThat(syncProvider(writing(4), null).state()).isEqualTo(State.WANTED);
        }
        ProviderDecision contested = syncProvider(writing(4), null);
        assertThat(contested.state()).isEqualTo(State.CONTESTED);
        assertThat(contested.inventories()).isEmpty();
        assertThat(messages(contested)).singleElement().asString().contains("deleted each time");
    }

    @Test
    void revertsThatAreFarApartDoNotCount() {
        ObservedProvider reverted = observed(2, 0, BLUE);
        for (int i = 0; i < 4; i++) {
            assertThat(syncProvider(writing(4), reverted).state()).isEqualTo(State.WANTED);
            now = now.plus(Duration.ofHours(1)).plusSeconds(1);
        }
    }

    /** The operator writes again because a write failed, not because another client reverted it. */
    @Test
    void failedWritesDoNotCount() {
        ObservedProvider before = observed(2, 0, BLUE);
        detector.recordWrite(writing(4), WriteScope.PROVIDERS);
        for (int i = 0; i < 4; i++) {
            assertThat(detector.checkForRewrites(writing(4), before, WriteScope.PROVIDERS)
                            .state())
                    .isEqualTo(State.WANTED);
        }
    }

    @Test
    void reservationsOfAnAdministratorDoNotCount() {
        for (int i = 0; i < 4; i++) {
            assertThat(syncProvider(writing(4), observed(4, i, BLUE)).state()).isEqualTo(State.WANTED);
        }
    }

    @Test
    void anotherDesiredStateIsWritten() {
        ObservedProvider reverted = observed(2, 0, BLUE);
        for (int i = 0; i < 3; i++) {
            syncProvider(writing(4), reverted);
        }
        assertThat(syncProvider(writing(5), reverted).state()).isEqualTo(State.WANTED);
        assertThat(syncProvider(writing(4), reverted).state()).isEqualTo(State.WANTED);
    }

    @Test
    void isWrittenAgainOnceTheOtherClientHasStopped() {
        ObservedProvider reverted = observed(2, 0, BLUE);
        for (int i = 0; i < 2; i++) {
            syncProvider(writing(4), reverted);
        }
        assertThat(syncProvider(inSync(4), observed(4, 0, BLUE)).state()).isEqualTo(State.WANTED);
        assertThat(syncProvider(writing(4), reverted).state())
                .as("in sync after the last write, then reverted once more")
                .isEqualTo(State.CONTESTED);
        syncProvider(inSync(4), observed(4, 0, BLUE));
        for (int i = 0; i < 2; i++) {
            assertThat(syncProvider(writing(4), reverted).state())
                    .as("in sync without a write")
                    .isEqualTo(State.WANTED);
        }
    }

    @Test
    void forgetsRemovedProvidersAndHostsThatAreNotWritten() {
        ObservedProvider reverted = observed(2, 0, BLUE);
        syncProvider(writing(4), reverted);
        syncProvider(writing(4), reverted);
        syncProvider(decision(State.REMOVED, 0, List.of(new ProviderOperation.Delete(PROVIDER))), reverted);
        assertThat(syncProvider(writing(4), reverted).state()).isEqualTo(State.WANTED);
        syncProvider(writing(4), reverted);
        detector.clearHistory(writing(4));
        assertThat(syncProvider(writing(4), reverted).state()).isEqualTo(State.WANTED);
    }
}
