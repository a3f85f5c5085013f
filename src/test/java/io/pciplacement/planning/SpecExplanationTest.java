package io.pciplacement.planning;

import static io.pciplacement.testing.Devices.at;
import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.testing.Devices;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The explanation of a device must agree with the resolver. */
class SpecExplanationTest {

    private final HostDevices host = new Devices().plain(1).pfWithVfs(3, 2).build();
    private final PciDevice vf = host.at(at("0000:81:03.1")).orElseThrow();

    @Test
    void highestPriorityAppliesAndOthersAreExplained() {
        NormalizedSpec winner = spec("b")
                .product(Devices.PCI)
                .product(Devices.VF)
                .as("x")
                .priority(200)
                .named();
        NormalizedSpec same =
                spec("c").product(Devices.VF).as("x").priority(200).named();
        NormalizedSpec low = spec("a").product(Devices.VF).as("y").named();
        NormalizedSpec other = spec("d").product(Devices.PCI).named();
        SpecExplanation explanation = SpecExplanation.explain(vf, List.of(low, other, same, winner));
        assertThat(explanation.matches())
                .extracting(
                        claim -> claim.spec().specName(),
                        SpecExplanation.Match::selector,
                        SpecExplanation.Match::outcome)
                .containsExactly(
                        tuple("b", 1, SpecExplanation.Outcome.DECIDES),
                        tuple("c", 0, SpecExplanation.Outcome.AGREES),
                        tuple("a", 0, SpecExplanation.Outcome.OUTRANKED));
        assertThat(explanation.unmatched()).containsExactly("d");
        DesiredProvider desired =
                Resolver.resolve(host, List.of(low, same, winner)).providers().get(vf.providerAddress());
        assertThat(((DesiredProvider.Resolved) desired).spec()).isEqualTo("b");
    }

    @Test
    void noSpecAppliesInATie() {
        NormalizedSpec one = spec("a").product(Devices.VF).as("x").named();
        NormalizedSpec two = spec("b").product(Devices.VF).as("y").named();
        NormalizedSpec low = spec("c").product(Devices.VF).as("z").priority(5).named();
        assertThat(SpecExplanation.explain(vf, List.of(one, two, low)).matches())
                .extracting(SpecExplanation.Match::outcome)
                .containsExactly(
                        SpecExplanation.Outcome.TIES, SpecExplanation.Outcome.TIES, SpecExplanation.Outcome.OUTRANKED);
        assertThat(Resolver.resolve(host, List.of(one, two, low)).providers().get(vf.providerAddress()))
                .isInstanceOf(DesiredProvider.Conflicting.class);
    }
}
