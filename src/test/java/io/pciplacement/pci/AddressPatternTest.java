package io.pciplacement.pci;

import static io.pciplacement.testing.Devices.at;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests of addresses, address globs and address regular expressions, including edge cases. */
class AddressPatternTest {

    @Test
    void parsesItsOwnStringForm() {
        for (int bits = 0; bits >= 0 && bits < 0x7fff_0000; bits += 0x1_2345) {
            PciAddress address = new PciAddress(bits >>> 16, bits >>> 8 & 0xff, bits >>> 3 & 0x1f, bits & 7);
            assertThat(PciAddress.parse(address.toString())).contains(address);
            assertThat(address.toString())
                    .isEqualTo("%04x:%02x:%02x.%x"
                            .formatted(address.domain(), address.bus(), address.slot(), address.function()));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0000:81:00",
                "0000:81:00.8",
                "0000:81:20.0",
                "10000:e1:00.0",
                "0000-81-00.0",
                "000g:81:00.0",
                "0000:81:00.0 ",
                "+000:81:00.0",
                "٠000:81:00.0"
            })
    void rejectsInvalidAddresses(String text) {
        assertThat(PciAddress.parse(text)).isEmpty();
    }

    @Test
    void sortsAddressesByDomainBusSlotAndFunction() {
        assertThat(at("0000:81:00.0")).isLessThan(at("0000:81:00.1")).isLessThan(at("ffff:00:00.0"));
    }

    @ParameterizedTest
    @CsvSource({
        "0000:81:00.*,   0000:81:00.7, true",
        "0000:81:00.*,   0000:81:01.0, false",
        "*:0a:00.*,      1234:0a:00.3, true",
        "*:0A:00.*,      1234:0a:00.3, true",
        ":00.,           ffff:ff:00.7, true",
        ":00.,           0000:81:01.0, false",
        "0000:81:,       0000:81:1f.7, true",
        "0000:81:,       0000:82:1f.7, false",
        "0000:81:*,      0000:81:1f.7, true",
        "81:00.0,        0001:81:00.0, true",
        "1,              0000:81:01.5, true",
        ".5,             0000:81:01.5, true",
        "*:*:*.*,        ffff:ff:1f.7, true",
        "0:1:2.3,        0000:01:02.3, true",
        "ffff:ff:1f.7,   ffff:ff:1f.7, true",
    })
    void globMatchesAddress(String glob, String address, boolean matches) {
        assertThat(parseGlob(glob).matches(at(address))).isEqualTo(matches);
    }

    @ParameterizedTest
    @CsvSource({
        "0000:100:00.0,   bus '100', FF",
        "10000:00:00.0,   domain '10000', FFFF",
        "0000:00:20.0,    slot '20', 1F",
        "0000:00:00.8,    function '8', 7",
        "0000:fffffffffff:00.0, bus 'fffffffffff', FF",
        "0000:8x:00.0,    bus '8x', hexadecimal",
        "0000:8*:00.0,    bus '8*', hexadecimal",
        "0:0:0:0.0,       three fields, hexadecimal",
        "0000:00:00.0.0,  function '0.0', hexadecimal",
    })
    void invalidGlobReportsFieldValueAndLimit(String glob, String field, String limit) {
        assertThat(AddressGlob.parse(glob))
                .isInstanceOfSatisfying(
                        ParseResult.Failure.class,
                        failure -> assertThat(failure.message()).contains(field).contains(limit));
    }

    @Test
    void onlyFullAddressIsSingleAddress() {
        assertThat(parseGlob("ffff:ff:1f.7").singleAddress()).contains(at("ffff:ff:1f.7"));
        assertThat(parseGlob("0000:81:00.").singleAddress()).isEmpty();
        assertThat(parseRegex("0000", "81", "00", "0").singleAddress()).contains(at("0000:81:00.0"));
        assertThat(parseRegex("0000", "8[1]", "00", "0").singleAddress()).isEmpty();
    }

    @Test
    void regexIsAnchoredAtStartOnly() {
        assertThat(parseRegex(null, "8", null, null).matches(at("0000:8f:00.0")))
                .isTrue();
        assertThat(parseRegex(null, "8", null, null).matches(at("0000:08:00.0")))
                .isFalse();
        assertThat(parseRegex(null, "3[bc]", null, "[0-2]").matches(at("0000:3c:00.2")))
                .isTrue();
        assertThat(parseRegex(null, "3[bc]", null, "[0-2]").matches(at("0000:3c:00.3")))
                .isFalse();
        assertThat(parseRegex("0000$", null, null, null).matches(at("0000:3c:00.3")))
                .isTrue();
        assertThat(parseRegex("000[1-9]", null, null, null).matches(at("0000:3c:00.3")))
                .isFalse();
    }

    @Test
    void regexMatchesLowerCaseDigits() {
        assertThat(parseRegex(null, "3B", null, null).matches(at("0000:3b:00.0")))
                .isFalse();
        assertThat(parseRegex(null, "(?i)3B", null, null).matches(at("0000:3b:00.0")))
                .isTrue();
    }

    @Test
    void rejectsExpressionsThatRe2DoesNotSupport() {
        assertThat(AddressRegex.parse(null, "(?=8)8", null, null))
                .isInstanceOfSatisfying(ParseResult.Failure.class, failure -> {
                    assertThat(failure.field()).isEqualTo("addressRegex.bus");
                    assertThat(failure.message()).contains("RE2");
                });
    }

    @Test
    void evaluationTimeIsBounded() {
        Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> parseRegex("(a*)*".repeat(12) + "b", null, null, null).matches(at("aaaa:00:00.0")));
    }

    private static AddressGlob parseGlob(String text) {
        return switch (AddressGlob.parse(text)) {
            case ParseResult.Success<AddressGlob>(AddressGlob value) -> value;
            case ParseResult.Failure<AddressGlob> failure -> throw new AssertionError(failure.message());
        };
    }

    private static AddressRegex parseRegex(String domain, String bus, String slot, String function) {
        return switch (AddressRegex.parse(domain, bus, slot, function)) {
            case ParseResult.Success<AddressRegex>(AddressRegex value) -> value;
            case ParseResult.Failure<AddressRegex> failure -> throw new AssertionError(failure.message());
        };
    }
}
