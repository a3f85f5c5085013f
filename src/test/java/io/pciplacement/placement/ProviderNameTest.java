package io.pciplacement.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.PciAddress;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of device providers, written and parsed. {@code -Dprovider.name.seed} repeats a random round. */
class ProviderNameTest {

    private static final int ROUNDS = 2000;
    private static final String ROOT_CHARACTERS = "_:.-/ 09afAFzäß\u2028";
    private static final PciAddress ADDRESS = new PciAddress(0, 0x3b, 0x1f, 7);

    private final long seed = Long.getLong("provider.name.seed", System.nanoTime());

    /** Any root: with separators, or itself with the name of a device provider. */
    private static String root(Random random) {
        StringBuilder root = new StringBuilder();
        for (int length = random.nextInt(1, 20); length > 0; length--) {
            root.append(ROOT_CHARACTERS.charAt(random.nextInt(ROOT_CHARACTERS.length())));
        }
        return switch (random.nextInt(4)) {
            case 0 -> new ProviderName(root.toString(), new PciAddress(random.nextInt())).toString();
            case 1 -> root + "_";
            default -> root.toString();
        };
    }

    @Test
    void nameThatIsParsedAgainIsTheSame() {
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            ProviderName name = new ProviderName(root(random), new PciAddress(random.nextInt()));
            String text = name.toString();
            assertThat(ProviderName.parse(text)).as("%s, seed %d", text, seed).contains(name);
            assertThat(ProviderName.findAddress(text)).contains(name.address());
            assertThat(ProviderName.findAddressBelow(name.root(), text)).contains(name.address());
            assertThat(ProviderName.findRoot(text)).contains(name.root());
            String other = root(random);
            if (!other.equals(name.root())) {
                assertThat(ProviderName.findAddressBelow(other, text))
                        .as("%s below %s, seed %d", text, other, seed)
                        .isEmpty();
            }
        }
    }

    @Test
    void nameIsThatOfNova() {
        assertThat(new ProviderName("compute-1", ADDRESS)).hasToString("compute-1_0000:3B:1F.7");
        assertThat(new ProviderName("a_b:c", new PciAddress(0xabcd, 0xef, 0, 0)))
                .hasToString("a_b:c_ABCD:EF:00.0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"host_0000:3b:1f.7", "host_0000:3B:1f.7"})
    void addressMayBeInLowerCase(String name) {
        assertThat(ProviderName.parse(name)).contains(new ProviderName("host", ADDRESS));
        assertThat(ProviderName.findAddressBelow("host", name)).contains(ADDRESS);
        assertThat(ProviderName.parse(name))
                .hasValueSatisfying(parsed -> assertThat(parsed).hasToString("host_0000:3B:1F.7"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "_",
                "host",
                "host_",
                "host_gpu",
                "0000:3B:1F.7",
                "_0000:3B:1F.7",
                "host-0000:3B:1F.7",
                "host_10000:3B:1F.7",
                "host_3B:1F.7",
                "host_0000:3B:20.0",
                "host_0000:3B:1F.8",
                "host_0000:3B:1F.7 ",
                "host_0000-3B-1F-7",
            })
    void otherNamesAreNotThoseOfDevices(String name) {
        assertThat(ProviderName.parse(name)).isEmpty();
        assertThat(ProviderName.findAddress(name)).isEmpty();
        assertThat(ProviderName.findAddressBelow("host", name)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "host_0000:3B:1F.7,    0000:3B:1F.7, false",
        "host_0000:3B:1F.7,    hos,          false",
        "host_0000:3B:1F.7,    tsoh,         false",
        "host_0000:3B:1F.7,    host_,        false",
        "a_host_0000:3B:1F.7,  host,         false",
        "a_host_0000:3B:1F.7,  a_host,       true",
    })
    void addressIsFoundBelowItsRootOnly(String name, String root, boolean found) {
        assertThat(ProviderName.findAddressBelow(root, name).isPresent()).isEqualTo(found);
    }

    @ParameterizedTest
    @CsvSource({"host_0000:3B:1F.7, host", "host_gpu, host", "a_b_, a_b", "host,", "_host,"})
    void rootPrecedesTheLastUnderscore(String name, String root) {
        assertThat(ProviderName.findRoot(name).orElse(null)).isEqualTo(root);
    }
}
