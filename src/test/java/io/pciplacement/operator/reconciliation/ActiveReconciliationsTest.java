package io.pciplacement.operator.reconciliation;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.operator.settings.OperatorSettings;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Errors in reconciliations, and reconciliations that do not return. */
class ActiveReconciliationsTest {

    private final PciDeviceSpec spec = new PciDeviceSpec();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final OperatorSettings settings = (OperatorSettings) Proxy.newProxyInstance(
            OperatorSettings.class.getClassLoader(), new Class<?>[] {OperatorSettings.class}, (_, method, _) -> {
                assertThat(method.getName()).isEqualTo("reconciliationLimit");
                return Duration.ofMinutes(10);
            });
    private final ActiveReconciliations reconciliations = new ActiveReconciliations(
            new Clock() {
                @Override
                public ZoneId getZone() {
                    return ZoneOffset.UTC;
                }

                @Override
                public Clock withZone(ZoneId zone) {
                    return this;
                }

                @Override
                public Instant instant() {
                    return now;
                }
            },
            settings);

    @BeforeEach
    void nameSpec() {
        spec.getMetadata().setName("deep");
    }

    private static int endless(int depth) {
        return depth < 0 ? depth : 1 + endless(depth + 1);
    }

    @Test
    void convertsErrorToExceptionNamingTheObject() {
        assertThatThrownBy(() -> reconciliations.runTracked(spec, () -> endless(0)))
                .isInstanceOf(ReconciliationFailedException.class)
                .hasMessageContaining("PciDeviceSpec deep")
                .hasMessageContaining("StackOverflowError")
                .cause()
                .satisfies(cause -> assertThat(cause.getStackTrace()).hasSizeBetween(1, 30));
        assertThatThrownBy(() -> reconciliations.runTracked(spec, () -> {
                    throw new NoClassDefFoundError("missing");
                }))
                .isInstanceOf(ReconciliationFailedException.class);
        now = now.plus(Duration.ofDays(1));
        assertThat(reconciliations.restartReason()).isEmpty();
    }

    @Test
    void rethrowsExceptionsUnchanged() {
        assertThatThrownBy(() -> reconciliations.runTracked(spec, () -> {
                    throw new IllegalStateException("a defect");
                }))
                .isExactlyInstanceOf(IllegalStateException.class);
    }

    @Test
    void requiresRestartAfterFatalJvmError() {
        assertThatThrownBy(() -> reconciliations.runTracked(spec, () -> {
                    throw new OutOfMemoryError("test");
                }))
                .isExactlyInstanceOf(OutOfMemoryError.class);
        assertThat(reconciliations.restartReason())
                .hasValueSatisfying(what -> assertThat(what).contains("fatal JVM error"));
    }

    @Test
    void detectsReconciliationThatDoesNotReturn() throws Exception {
        assertThat(reconciliations.<String>runTracked(spec, () -> {
                    now = now.plus(Duration.ofMinutes(10));
                    assertThat(reconciliations.restartReason()).isEmpty();
                    now = now.plus(Duration.ofSeconds(1));
                    assertThat(reconciliations.restartReason())
                            .contains("PciDeviceSpec deep since 2026-01-01T00:00:00Z");
                    return "done";
                }))
                .isEqualTo("done");
        assertThat(reconciliations.restartReason()).isEmpty();
    }

    @Test
    void everyReconcilerMethodIsGuarded() {
        methods()
                .that()
                .haveNameMatching("reconcile|cleanup")
                .and()
                .areDeclaredInClassesThat()
                .implement(Reconciler.class)
                .should()
                .beAnnotatedWith(GuardedReconciliation.class)
                .check(new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages("io.pciplacement.operator"));
    }
}
