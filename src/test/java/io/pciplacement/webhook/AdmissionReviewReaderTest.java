package io.pciplacement.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdmissionReviewReaderTest {

    private static AdmissionReview read(String json) throws UnreadableReviewException {
        return AdmissionReviewReader.readReview(json.getBytes(StandardCharsets.UTF_8));
    }

    private static String review(String kind, String object) {
        return """
                {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": {"uid": "7",
                 "kind": {"group": "pciplacement.io", "version": "v1alpha1", "kind": "%s"}, "resource": {"group": ""},
                 "operation": "UPDATE", "userInfo": {"groups": ["a"]}, "object": %s, "oldObject": null, "dryRun": false}}
                """.formatted(kind, object);
    }

    @Test
    void keepsFieldsNeededForDecisions() throws Exception {
        AdmissionReview review = read(review("PciDeviceSpec", """
                {"apiVersion": "x", "metadata": {"name": "a", "managedFields": [{"manager": "b"}], "labels": {"c": "d"}},
                 "spec": {"priority": 7, "managed": true, "traits": ["e", 1.5, 9999999999, {"f": null}]},
                 "status": {"matchedDevices": 3}}"""));

        assertThat(review.uid()).isEqualTo("7");
        assertThat(review.group()).isEqualTo("pciplacement.io");
        assertThat(review.kind()).isEqualTo("PciDeviceSpec");
        assertThat(review.oldObject().isMissingNode()).isTrue();
        assertThat(review.object()).hasToString("""
                {"metadata":{"name":"a"},"spec":{"priority":7,"managed":true,\
                "traits":["e",1.5,9999999999,{"f":null}]}}""");
    }

    @Test
    void keepsStatusOfAllocationsOnly() throws Exception {
        String object = """
                {"metadata": {"name": "a"}, "status": {"phase": "Allocated"}}""";
        assertThat(read(review("PciAllocation", object))
                        .object()
                        .at("/status/phase")
                        .asText())
                .isEqualTo("Allocated");
        assertThat(read(review("HostPciInventory", object)).object().has("status"))
                .isFalse();
    }

    /** The status of the largest host, before and after a change, is more than a megabyte. */
    @Test
    void doesNotCountSkippedValues() throws Exception {
        String devices = "{\"address\":\"0000:00:01.0\"},".repeat(50_000) + "{}";
        AdmissionReview review = read(review("HostPciInventory", """
                {"metadata": {"name": "a"}, "spec": {"reporting": "Enabled"}, "status": {"devices": [%s]}}""".formatted(devices)));
        assertThat(review.object().at("/spec/reporting").asText()).isEqualTo("Enabled");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "7",
                "{",
                "{}",
                "{\"request\": []}",
                "{\"request\": {\"uid\": \"7\"}}",
                "{\"request\": {\"uid\": \"7\", \"kind\": {\"kind\": 7}}}",
                "{\"request\": {\"uid\": \"7\", \"kind\": {\"kind\": \"PciDeviceSpec\"}, \"object\": []}}",
                "\u0000"
            })
    void rejectsInvalidReviews(String body) {
        assertThatThrownBy(() -> read(body)).isInstanceOf(UnreadableReviewException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"spec\": \"text\"}", "{\"spec\": [[]]}", "{\"metadata\": []}"})
    void rejectsObjectsThatNoCrdAllows(String object) {
        assertThatThrownBy(() -> read(review("PciDeviceSpec", object))).isInstanceOf(UnreadableReviewException.class);
    }

    @Test
    void rejectsNullInLists() {
        assertThatThrownBy(() -> read(review("PciDeviceSpec", "{\"spec\": {\"traits\": [null]}}")))
                .hasMessageContaining("a list contains null");
    }

    @Test
    void rejectsLongLists() {
        String list = "{},".repeat(AdmissionReviewReader.MAX_ITEMS) + "{}";
        assertThatThrownBy(() -> read(review("PciDeviceSpec", "{\"spec\": {\"selectors\": [%s]}}".formatted(list))))
                .hasMessageContaining("more than 64 items");
    }

    @Test
    void rejectsTooManyValues() {
        StringBuilder fields = new StringBuilder("\"a\": 1");
        for (int i = 0; i < AdmissionReviewReader.MAX_VALUES; i++) {
            fields.append(",\"").append(i).append("\":1");
        }
        assertThatThrownBy(() -> read(review("PciDeviceSpec", "{\"spec\": {%s}}".formatted(fields))))
                .hasMessageContaining("more than 20000 values");
    }

    @Test
    void rejectsDeepNesting() {
        assertThatThrownBy(() -> read(review(
                        "PciDeviceSpec", "{\"spec\": {\"a\": %s}}".formatted("[".repeat(50_000) + "]".repeat(50_000)))))
                .isInstanceOf(UnreadableReviewException.class);
    }
}
