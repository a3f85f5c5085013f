package io.pciplacement.operator.leader;

import static io.pciplacement.operator.leader.LeadershipHandover.CANDIDATE;
import static io.pciplacement.operator.leader.LeadershipHandover.UNREACHABLE_FROM;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class LeadershipHandoverTest {

    private final LeadershipHandover me = new LeadershipHandover("me");

    @Test
    void leaderRequestsHandoverAndStandbyOffers() {
        Map<String, String> asked = me.leaderAnnotations(Map.of("a", "b"), true);
        assertThat(asked).isEqualTo(Map.of("a", "b", UNREACHABLE_FROM, "me"));
        LeadershipHandover other = new LeadershipHandover("other");
        assertThat(other.isRequested(asked)).isTrue();
        Map<String, String> offered = other.withOffer(asked);
        assertThat(other.isRequested(offered)).as("already answered").isFalse();
        assertThat(me.findSuccessor(offered)).contains("other");
        assertThat(LeadershipHandover.withoutHandover(offered)).isEqualTo(Map.of("a", "b"));
    }

    @Test
    void reachableLeaderRemovesTheRequest() {
        assertThat(me.leaderAnnotations(Map.of(), false)).isEmpty();
        assertThat(me.isRequested(Map.of())).isFalse();
        assertThat(me.leaderAnnotations(Map.of(UNREACHABLE_FROM, "me", CANDIDATE, "other"), false))
                .isEmpty();
    }

    @Test
    void renewalKeepsTheOffer() {
        Map<String, String> offered = Map.of(UNREACHABLE_FROM, "me", CANDIDATE, "other");
        assertThat(me.leaderAnnotations(offered, true)).isEqualTo(offered);
    }

    @Test
    void ignoresOffersToAnotherLeaderAndItsOwn() {
        assertThat(me.findSuccessor(Map.of(UNREACHABLE_FROM, "former", CANDIDATE, "other")))
                .isEmpty();
        assertThat(me.leaderAnnotations(Map.of(UNREACHABLE_FROM, "former", CANDIDATE, "other"), true))
                .isEqualTo(Map.of(UNREACHABLE_FROM, "me"));
        assertThat(me.findSuccessor(Map.of(UNREACHABLE_FROM, "me", CANDIDATE, "me")))
                .isEmpty();
        assertThat(me.findSuccessor(Map.of(UNREACHABLE_FROM, "me"))).isEmpty();
    }
}
