package io.pciplacement.operator.leader;

import static io.pciplacement.operator.leader.LeadershipHandover.MISSES;
import static io.pciplacement.operator.leader.LeadershipHandover.REACHES;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class LeadershipHandoverTest {

    private final LeadershipHandover me = new LeadershipHandover("me");

    @Test
    void aLeaderAsksAndAStandByAnswers() {
        Map<String, String> asked = me.asLeader(Map.of("a", "b"), true);
        assertThat(asked).isEqualTo(Map.of("a", "b", MISSES, "me"));
        LeadershipHandover other = new LeadershipHandover("other");
        assertThat(other.isAsked(asked)).isTrue();
        Map<String, String> offered = other.asOffered(asked);
        assertThat(other.isAsked(offered)).as("once is enough").isFalse();
        assertThat(me.successor(offered)).contains("other");
        assertThat(LeadershipHandover.without(offered)).isEqualTo(Map.of("a", "b"));
    }

    @Test
    void whoReachesPlacementAsksNobodyAndTakesItBack() {
        assertThat(me.asLeader(Map.of(), false)).isEmpty();
        assertThat(me.isAsked(Map.of())).isFalse();
        assertThat(me.asLeader(Map.of(MISSES, "me", REACHES, "other"), false)).isEmpty();
    }

    @Test
    void anOfferIsKeptUntilItIsRead() {
        Map<String, String> offered = Map.of(MISSES, "me", REACHES, "other");
        assertThat(me.asLeader(offered, true)).isEqualTo(offered);
    }

    @Test
    void anOfferToAnotherLeaderOrOfItsOwnCountsForNothing() {
        assertThat(me.successor(Map.of(MISSES, "former", REACHES, "other"))).isEmpty();
        assertThat(me.asLeader(Map.of(MISSES, "former", REACHES, "other"), true))
                .isEqualTo(Map.of(MISSES, "me"));
        assertThat(me.successor(Map.of(MISSES, "me", REACHES, "me"))).isEmpty();
        assertThat(me.successor(Map.of(MISSES, "me"))).isEmpty();
    }
}
