package io.pciplacement;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The package structure of docs/adr/0009-package-structure.md: dependencies point downwards only. */
@AnalyzeClasses(packages = "io.pciplacement", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final int MAX_TYPES_PER_PACKAGE = 25;

    private static final String[] LANGUAGE = {
        "java.lang..", "java.util..", "java.text..", "java.math..", "org.jspecify.."
    };

    /** The project's packages that a package may use besides itself, and its libraries. */
    private static ArchRule uses(String name, String[] packages, String... libraries) {
        String[] allowed = Stream.of(
                        Stream.of("io.pciplacement." + name + ".."),
                        Stream.of(packages).map(other -> "io.pciplacement." + other),
                        Stream.of(libraries),
                        Stream.of(LANGUAGE))
                .flatMap(names -> names)
                .toArray(String[]::new);
        return classes()
                .that()
                .resideInAPackage("io.pciplacement." + name + "..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(allowed));
    }

    /** The project's packages that a package may use besides itself; any library. */
    private static ArchRule usesOfProject(String name, String... packages) {
        String[] allowed = Stream.concat(
                        Stream.of("io.pciplacement." + name + ".."),
                        Stream.of(packages).map(other -> "io.pciplacement." + other))
                .toArray(String[]::new);
        return noClasses()
                .that()
                .resideInAPackage("io.pciplacement." + name + "..")
                .should()
                .dependOnClassesThat(resideInAnyPackage("io.pciplacement..").and(not(resideInAnyPackage(allowed))));
    }

    private static String[] packages(String... names) {
        return names;
    }

    @ArchTest
    static final ArchRule textIsPure = uses(
            "text",
            packages(),
            // Hashes: values, no I/O.
            "java.security",
            "java.nio.charset");

    @ArchTest
    static final ArchRule devicesAreALeaf = uses("pci", packages(), "com.google.re2j..");

    @ArchTest
    static final ArchRule retryIsALeaf = uses("retry", packages(), "java.time..");

    @ArchTest
    static final ArchRule connectionIsALeaf = uses(
            "connection", packages(), "java.io", "java.net..", "java.nio.channels", "java.security..", "javax.net.ssl");

    @ArchTest
    static final ArchRule placementModelIsPure = classes()
            .that()
            .resideInAPackage("io.pciplacement.placement")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                            "io.pciplacement.placement",
                            "io.pciplacement.pci",
                            "io.pciplacement.text",
                            "io.pciplacement.memory")
                    .or(resideInAnyPackage(LANGUAGE)));

    @ArchTest
    static final ArchRule placementClientServesOnlyThePort =
            usesOfProject("placement", "pci", "text", "memory", "retry", "connection", "logging");

    @ArchTest
    static final ArchRule planningIsPure = uses(
            "planning",
            packages("placement", "pci", "text"),
            // Hashes and bytes of provider uuids: values, no I/O.
            "java.security",
            "java.nio",
            "java.nio.charset");

    @ArchTest
    static final ArchRule coreHasNoClock = noClasses()
            .that()
            .resideInAnyPackage("io.pciplacement.pci", "io.pciplacement.placement", "io.pciplacement.planning..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.time..", "java.io..", "java.net..", "java.util.concurrent..");

    @ArchTest
    static final ArchRule syncHasNoFramework = uses(
            "sync",
            packages("planning..", "placement", "pci", "text", "retry", "logging", "api.v1alpha1"),
            "java.time..",
            "org.jboss.logging..");

    @ArchTest
    static final ArchRule apiUsesDeviceTypesOnly = usesOfProject("api", "pci");

    @ArchTest
    static final ArchRule mappingIsBelowTheControllers =
            usesOfProject("mapping", "api..", "sync..", "planning..", "placement", "pci", "text");

    @ArchTest
    static final ArchRule agentIsSmall = noClasses()
            .that()
            .resideInAPackage("io.pciplacement.agent..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.fabric8.kubernetes.client..", "io.quarkus..", "io.javaoperatorsdk..", "io.vertx..");

    @ArchTest
    static final ArchRule agentUsesNoCore =
            usesOfProject("agent", "pci", "api..", "mapping", "retry", "text", "connection");

    @ArchTest
    static final ArchRule webhookUsesTheCachesOnly = usesOfProject(
            "webhook",
            "operator.cluster",
            "operator.settings",
            "operator.metrics",
            "sync..",
            "mapping",
            "api..",
            "planning..",
            "placement",
            "pci",
            "novaconf.export",
            "text",
            "retry",
            "server",
            "logging");

    @ArchTest
    static final ArchRule operatorDoesNotUseTheWebhook = usesOfProject(
            "operator",
            "sync..",
            "mapping",
            "api..",
            "planning..",
            "placement..",
            "pci",
            "novaconf.export",
            "memory",
            "text",
            "retry",
            "server",
            "logging");

    @ArchTest
    static final ArchRule theCommandIsIndependentOfTheOperator = usesOfProject(
            "cli",
            "sync..",
            "mapping",
            "api..",
            "novaconf..",
            "planning..",
            "placement..",
            "pci",
            "text",
            "retry",
            "connection",
            "logging");

    @ArchTest
    static final ArchRule theCommandStartsWithoutQuarkus = noClasses()
            .that()
            .resideInAPackage("io.pciplacement.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.quarkus..", "io.javaoperatorsdk..", "jakarta..", "org.eclipse.microprofile..");

    @ArchTest
    static final ArchRule novasConfigurationIsOnlyTranslated = uses(
            "novaconf",
            packages("api.v1alpha1", "mapping", "planning..", "placement", "pci", "text"),
            "io.fabric8.kubernetes.api.model..",
            "com.fasterxml.jackson..",
            // The packaged list of standard traits.
            "java.io",
            "java.nio.charset");

    @ArchTest
    static final ArchRule noPackageCycles =
            slices().matching("io.pciplacement.(**)").should().beFreeOfCycles();

    @ArchTest
    static void packagesAreSmall(JavaClasses all) {
        Map<String, Long> types = all.stream()
                .filter(type -> type.isTopLevelClass() && !type.getSimpleName().equals("package-info"))
                .filter(type ->
                        !type.getSimpleName().contains("_") && !type.isAnnotatedWith("jakarta.annotation.Generated"))
                .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting()));
        types.values().removeIf(count -> count <= MAX_TYPES_PER_PACKAGE);
        assertThat(types)
                .as("packages with more than %d types", MAX_TYPES_PER_PACKAGE)
                .isEmpty();
    }
}
