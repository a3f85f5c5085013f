package io.pciplacement.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.ParseResult;
import io.pciplacement.pci.ParseResult.Failure;
import io.pciplacement.pci.ParseResult.Success;
import io.pciplacement.testing.Specs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names written by users and their normalized form. */
class NameNormalizerTest {

    @ParameterizedTest
    @CsvSource({
        "crypto,       CUSTOM_CRYPTO",
        "a__b--c.d,    CUSTOM_A_B_C_D",
        "PGPU,         PGPU",
        "pgpu,         PGPU",
        "CUSTOM_A__B,  CUSTOM_A__B",
        "custom_foo,   CUSTOM_FOO",
        "custom-foo,   CUSTOM_CUSTOM_FOO",
        "CUSTOM_a-b,   CUSTOM_A_B",
        "gpu-a100,     CUSTOM_GPU_A100",
        "straße,       CUSTOM_STRASSE",
        "' a',         CUSTOM__A",
    })
    void normalizesResourceClasses(String text, String name) {
        assertThat(Specs.NAMES.normalizeResourceClass(text)).isEqualTo(ParseResult.success(new ResourceClass(name)));
    }

    @ParameterizedTest
    @CsvSource({
        "pf-white,            CUSTOM_PF_WHITE",
        "purple,              CUSTOM_PURPLE",
        "HW_GPU_API_VULKAN,   HW_GPU_API_VULKAN",
        "hw_gpu_api_vulkan,   CUSTOM_HW_GPU_API_VULKAN",
        "CUSTOM_GPU,          CUSTOM_GPU",
    })
    void normalizesTraits(String text, String name) {
        assertThat(Specs.NAMES.normalizeTrait(text)).isEqualTo(ParseResult.success(new Trait(name)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "CUSTOM_", "---", "日本"})
    void rejectsNamesWithoutLetterOrDigit(String text) {
        assertThat(Specs.NAMES.normalizeResourceClass(text)).isInstanceOf(Failure.class);
        assertThat(Specs.NAMES.normalizeTrait(text)).isInstanceOf(Failure.class);
    }

    @Test
    void acceptsNamesUpToMaximumLength() {
        assertThat(Specs.NAMES.normalizeTrait("a".repeat(248))).isInstanceOf(Success.class);
        assertThat(Specs.NAMES.normalizeTrait("a".repeat(249)))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.message()).contains("255"));
    }

    @Test
    void generatedClassNamesAreUpperCase() {
        assertThat(NameNormalizer.generatedResourceClass(0x10de, 0xf))
                .isEqualTo(new ResourceClass("CUSTOM_PCI_10DE_000F"));
    }
}
