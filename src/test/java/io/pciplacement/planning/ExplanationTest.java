package io.pciplacement.planning;

import static io.pciplacement.testing.Devices.at;
import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.planning.Explanation.Standing;
import io.pciplacement.testing.Devices;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said of a device's specs is what the resolver makes of them. */
class ExplanationTest {

    private final HostDevices host = new Devices().plain(1).pfWithVfs(3, 2).build();
    private final PciDevice vf = host.at(at("0000:81:03.1")).orElseThrow();

    @Test
    void theHighestDecidesAndTheOthersSayWhy() {
        NamedSpec winner = spec("b")
                .product(Devices.PCI)
                .product(Devices.VF)
                .as("x")
                .priority(200)
                .named();
        NamedSpec same = spec("c").product(Devices.VF).as("x").priority(200).named();
        NamedSpec low = spec("a").product(Devices.VF).as("y").named();
        NamedSpec other = spec("d").product(Devices.PCI).named();
        Explanation explanation = Explanation.of(vf, List.of(low, other, same, winner));
        assertThat(explanation.claims())
                .extracting(claim -> claim.spec().name(), Explanation.Claim::selector, Explanation.Claim::standing)
                .containsExactly(
                        tuple("b", 1, Standing.DECIDES),
                        tuple("c", 0, Standing.AGREES),
                        tuple("a", 0, Standing.OUTRANKED));
        assertThat(explanation.others()).containsExactly("d");
        ProviderPlan plan =
                Resolver.resolve(host, List.of(low, same, winner)).providers().get(vf.providerAddress());
        assertThat(((ProviderPlan.Wanted) plan).spec()).isEqualTo("b");
    }

    @Test
    void atATieNobodyDecides() {
        NamedSpec one = spec("a").product(Devices.VF).as("x").named();
        NamedSpec two = spec("b").product(Devices.VF).as("y").named();
        NamedSpec low = spec("c").product(Devices.VF).as("z").priority(5).named();
        assertThat(Explanation.of(vf, List.of(one, two, low)).claims())
                .extracting(Explanation.Claim::standing)
                .containsExactly(Standing.TIES, Standing.TIES, Standing.OUTRANKED);
        assertThat(Resolver.resolve(host, List.of(one, two, low)).providers().get(vf.providerAddress()))
                .isInstanceOf(ProviderPlan.Contradicted.class);
    }
}
