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

/** Admission decisions that fail. */
class AdmissionGuardTest {

    private static final JsonNode OBJECT = new ObjectMapper().createObjectNode();

    private static AdmissionResult verdict(JsonNode object, Error error) throws Exception {
        return (AdmissionResult) AdmissionGuard.decideGuarded(object, () -> {
            throw error;
        });
    }

    @Test
    void anObjectOnWhichTheOperatorFailsIsRefusedWithAMessage() throws Exception {
        assertThat(verdict(OBJECT, new StackOverflowError()).errors())
                .singleElement()
                .asString()
                .contains("StackOverflowError", "refused");
    }

    @Test
    void itCanBeDeleted() throws Exception {
        JsonNode leaving = new ObjectMapper().readTree("{\"metadata\": {\"deletionTimestamp\": \"now\"}}");
        assertThat(verdict(MissingNode.getInstance(), new StackOverflowError()).errors())
                .isEmpty();
        assertThat(verdict(leaving, new StackOverflowError()).errors()).isEmpty();
    }

    @Test
    void whatTheJvmDoesNotSurviveIsNoAnswer() {
        assertThatThrownBy(() -> verdict(OBJECT, new OutOfMemoryError("test"))).isInstanceOf(OutOfMemoryError.class);
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
