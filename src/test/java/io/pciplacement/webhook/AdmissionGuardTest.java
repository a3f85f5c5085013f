package io.pciplacement.webhook;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.planning.admission.AdmissionResult;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tests of admission decisions that fail. */
class AdmissionGuardTest {

    private static final ObjectChange<PciDeviceSpec> CREATION = new ObjectChange<>(null, object(null));

    private static PciDeviceSpec object(@Nullable String deletionTimestamp) {
        PciDeviceSpec object = new PciDeviceSpec();
        object.setMetadata(new ObjectMetaBuilder()
                .withName("spec")
                .withDeletionTimestamp(deletionTimestamp)
                .build());
        return object;
    }

    private static AdmissionResult decideWithError(ObjectChange<?> change, Error error) throws Exception {
        return (AdmissionResult) AdmissionGuard.decideGuarded(change, () -> {
            throw error;
        });
    }

    @Test
    void rejectsObjectWithMessageIfValidationFails() throws Exception {
        assertThat(decideWithError(CREATION, new StackOverflowError()).errors())
                .singleElement()
                .asString()
                .contains("StackOverflowError", "rejected");
    }

    @Test
    void allowsDeletionIfValidationFails() throws Exception {
        ObjectChange<PciDeviceSpec> deletion = new ObjectChange<>(object(null), null);
        ObjectChange<PciDeviceSpec> finalizerRemoval = new ObjectChange<>(object("now"), object("now"));
        assertThat(decideWithError(deletion, new StackOverflowError()).errors()).isEmpty();
        assertThat(decideWithError(finalizerRemoval, new StackOverflowError()).errors())
                .isEmpty();
    }

    @Test
    void rethrowsFatalErrors() {
        assertThatThrownBy(() -> decideWithError(CREATION, new OutOfMemoryError("test")))
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
