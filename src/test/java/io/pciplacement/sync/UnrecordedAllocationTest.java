package io.pciplacement.sync;

import static io.pciplacement.sync.AllocationSyncFixture.MIGRATION;
import static io.pciplacement.sync.AllocationSyncFixture.ONE;
import static io.pciplacement.sync.AllocationSyncFixture.SERVER;
import static io.pciplacement.sync.AllocationSyncFixture.TWO;
import static io.pciplacement.sync.AllocationSyncFixture.VF;
import static io.pciplacement.sync.AllocationSyncFixture.desired;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.sync.AllocationSyncRequest.Acceptance;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests an allocation that was written for an object and not recorded, because the operator was killed in between, and
 * whose host was removed before the next operator evaluated the object.
 */
class UnrecordedAllocationTest {

    @AutoClose
    private final AllocationSyncFixture cloud = new AllocationSyncFixture();

    private UUID provider;

    @BeforeEach
    void losesRecordAndHost() {
        cloud.syncDecision(cloud.request(false, ONE));
        provider = cloud.pfProvider();
        assertThat(cloud.resourcesOf(SERVER)).isEqualTo(Map.of(provider, Map.of(VF, 1)));
        cloud.record.simulateCrash();
        assertThat(cloud.record.currentRecord()).isEqualTo(AllocationRecord.NONE);
        cloud.hosts = Set.of("gpu-08");
        cloud.restart();
        cloud.placement.requests.clear();
    }

    private void evaluate(String... addresses) {
        assertThat(cloud.syncProblem(cloud.request(false, addresses)))
                .isEqualTo(new AllocationProblem.UnknownHost("gpu-07"));
    }

    @Test
    void isRecordedWhenTheObjectIsRejected() {
        evaluate(ONE);
        assertThat(cloud.record.currentRecord().entries())
                .containsExactly(new AllocationRecord.Entry(SERVER, "gpu-07_0000:81:02.0", provider, VF, 1, 1));
        cloud.acceptance = Acceptance.REJECTED;
        cloud.releaseAllocation(desired(false, ONE), Set.of());
        assertThat(cloud.placement.consumers()).doesNotContainKey(SERVER);
    }

    @Test
    void isReleasedIfTheObjectIsDeletedFirst() {
        cloud.releaseAllocation(ONE);
        assertThat(cloud.placement.consumers()).doesNotContainKey(SERVER);
    }

    /** Nothing shows that the operator has written it. */
    @ParameterizedTest
    @EnumSource(names = {"REJECTED", "UNKNOWN"})
    void isKeptIfTheObjectWasNotAccepted(Acceptance acceptance) {
        cloud.acceptance = acceptance;
        evaluate(ONE);
        assertThat(cloud.placement.requests).noneMatch(request -> request.contains("getAllocation"));
        cloud.releaseAllocation(ONE);
        assertThat(cloud.record.currentRecord()).isEqualTo(AllocationRecord.NONE);
        assertThat(cloud.resourcesOf(SERVER)).isNotEmpty();
    }

    @Test
    void isKeptIfTheObjectHasMoreDevices() {
        evaluate(ONE, TWO);
        cloud.releaseAllocation(ONE, TWO);
        assertThat(cloud.record.currentRecord()).isEqualTo(AllocationRecord.NONE);
        assertThat(cloud.resourcesOf(SERVER)).isNotEmpty();
    }

    @Test
    void isKeptIfItIsOfAnotherHost() {
        UUID other = cloud.pfProvider("gpu-08");
        cloud.putAllocation(SERVER, "INSTANCE", Map.of(other, Map.of(VF, 1)));
        evaluate(ONE);
        cloud.releaseAllocation(ONE);
        assertThat(cloud.record.currentRecord()).isEqualTo(AllocationRecord.NONE);
        assertThat(cloud.resourcesOf(SERVER)).isEqualTo(Map.of(other, Map.of(VF, 1)));
    }

    @Test
    void isKeptIfTheConsumerHasOtherResources() {
        cloud.putAllocation(
                SERVER,
                "INSTANCE",
                Map.of(provider, Map.of(VF, 1), cloud.cpuProvider(), Map.of(AllocationSyncFixture.VCPU, 2)));
        evaluate(ONE);
        cloud.releaseAllocation(ONE);
        assertThat(cloud.record.currentRecord()).isEqualTo(AllocationRecord.NONE);
        assertThat(cloud.resourcesOf(SERVER)).hasSize(2);
    }

    /** Its manager has written it. */
    @Test
    void isKeptIfTheConsumerIsExternal() {
        cloud.sync.syncAllocation(cloud.request(true, ONE));
        cloud.releaseAllocation(desired(true, ONE), Set.of(SERVER));
        assertThat(cloud.resourcesOf(SERVER)).isNotEmpty();
        assertThat(cloud.resourcesOf(MIGRATION)).isEmpty();
    }
}
