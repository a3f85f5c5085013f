package io.pciplacement.sync;

import static io.pciplacement.sync.AllocationSyncFixture.MIGRATION;
import static io.pciplacement.sync.AllocationSyncFixture.ONE;
import static io.pciplacement.sync.AllocationSyncFixture.SERVER;
import static io.pciplacement.sync.AllocationSyncFixture.TWO;
import static io.pciplacement.sync.AllocationSyncFixture.VCPU;
import static io.pciplacement.sync.AllocationSyncFixture.VF;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.placement.PlacementException;
import io.pciplacement.planning.allocation.AllocationDecision;
import io.pciplacement.planning.allocation.AllocationDecision.Update;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.Move;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests of healing and moves after a fault at any request, and after conflicts with other clients. */
class AllocationSyncFaultTest {

    private AllocationSyncFixture cloud;

    @BeforeEach
    void startCloud() {
        closeCloud();
        cloud = new AllocationSyncFixture();
    }

    @AfterEach
    void closeCloud() {
        if (cloud != null) {
            cloud.close();
        }
    }

    /** Any request fails, before or after its execution: the next run reaches the desired state. */
    @Test
    void recoversFromFaultAtAnyRequest() {
        for (int at = 1; at <= 2; at++) {
            for (boolean lost : new boolean[] {false, true}) {
                startCloud();
                cloud.putAllocation(
                        SERVER,
                        "INSTANCE",
                        Map.of(cloud.cpuProvider(), Map.of(VCPU, 4), cloud.pfProvider(), Map.of(VF, 1)));
                cloud.planHosts();
                cloud.injectFault(at, lost);
                assertThat(cloud.sync.syncAllocation(cloud.request(true, ONE, TWO)))
                        .isInstanceOf(AllocationSyncResult.PlacementUnavailable.class);
                cloud.planHosts();
                cloud.planHosts();
                assertThat(((AllocationSyncResult.Evaluated) cloud.sync.syncAllocation(cloud.request(true, ONE, TWO)))
                                .retry())
                        .isFalse();
                assertThat(cloud.resourcesOf(SERVER))
                        .isEqualTo(Map.of(cloud.cpuProvider(), Map.of(VCPU, 4), cloud.pfProvider(), Map.of(VF, 2)));
            }
        }
    }

    /**
     * Any request fails or is executed without a response: the next attempt completes the move, and no consumer has too
     * much.
     */
    @Test
    void completesMoveAfterFaultAtAnyRequest() {
        for (Move.Phase phase : Move.Phase.values()) {
            for (int at = 1; at <= 4; at++) {
                for (boolean lost : new boolean[] {false, true}) {
                    startCloud();
                    cloud.syncAllocation(cloud.request(false, ONE));
                    if (phase != Move.Phase.MOVING) {
                        cloud.syncAllocation(cloud.moveRequest(Move.Phase.MOVING));
                    }
                    cloud.injectFault(at, lost);
                    cloud.syncAllocation(cloud.moveRequest(phase));
                    cloud.endFaults();
                    cloud.restart();
                    AllocationDecision decision = cloud.syncDecision(cloud.moveRequest(phase));
                    assertThat(decision.findProblem()).isEmpty();
                    int migration = phase == Move.Phase.MOVING ? 1 : 0;
                    assertThat(cloud.resourcesOf(SERVER)).isEqualTo(Map.of(cloud.pfProvider(), Map.of(VF, 1)));
                    assertThat(cloud.placement.consumers().containsKey(MIGRATION))
                            .isEqualTo(migration == 1);
                }
            }
        }
    }

    @Test
    void readsAgainAfterConflict() {
        cloud.putAllocation(SERVER, "INSTANCE", Map.of(cloud.cpuProvider(), Map.of(VCPU, 4)));
        int[] left = {2};
        cloud.placement.before = name -> {
            if (name.equals("POST /allocations") && left[0]-- > 0) {
                throw new PlacementException.GenerationConflict("another client has changed the allocation");
            }
        };
        assertThat(cloud.syncDecision(cloud.request(true, ONE))).isInstanceOf(Update.class);
        left[0] = 100;
        assertThat(cloud.syncProblem(cloud.request(true, ONE, TWO)))
                .isInstanceOf(AllocationProblem.RejectedByPlacement.class);
    }
}
