package io.pciplacement.webhook;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.pciplacement.planning.admission.AdmissionResult;
import org.junit.jupiter.api.Test;

/** Tests of admission decisions that fail. */
class AdmissionGuardTest {

    private static final JsonNode OBJECT = new ObjectMapper().createObjectNode();

    private static AdmissionResult decideWithError(JsonNode object, Error error) throws Exception {
        return (AdmissionResult) AdmissionGuard.decideGuarded(object, () -> {
            throw error;
        });
    }

    @Test
    void rejectsObjectWithMessageIfValidationFails() throws Exception {
        assertThat(decideWithError(OBJECT, new StackOverflowError()).errors())
                .singleElement()
                .asString()
                .contains("StackOverflowError", "rejected");
    }

    @Test
    void allowsDeletionIfValidationFails() throws Exception {
        JsonNode leaving = new ObjectMapper().readTree("{\"metadata\": {\"deletionTimestamp\": \"now\"}}");
        assertThat(decideWithError(MissingNode.getInstance(), new StackOverflowError())
                        .errors())
                .isEmpty();
        assertThat(decideWithError(leaving, new StackOverflowError()).errors()).isEmpty();
    }

    @Test
    void rethrowsFatalErrors() {
        assertThatThrownBy(() -> decideWithError(OBJECT, new OutOfMemoryError("test")))
                .isInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void everyDecisionIsGuarded() {
        methods()
                .that()
                .haveName("validate")
                .and()
                .areDeclaredInClassesThat()
                .haveSimpleNameEndingWith("Validator")
                .should()
                .beAnnotatedWith(GuardedAdmission.class)
                .check(new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages("io.pciplacement.webhook"));
    }
}
