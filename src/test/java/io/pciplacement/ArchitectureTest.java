package io.pciplacement;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The rules of the house: the core reaches nothing outside itself, and nothing points upwards. */
@AnalyzeClasses(packages = "io.pciplacement", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String[] LANGUAGE = {
        "java.lang..", "java.util..", "java.text..", "java.math..", "org.jspecify.."
    };

    @ArchTest
    static final ArchRule textIsPure = classes()
            .that()
            .resideInAPackage("io.pciplacement.text")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage("io.pciplacement.text").or(resideInAnyPackage(LANGUAGE)));

    @ArchTest
    static final ArchRule devicesKnowNothing = classes()
            .that()
            .resideInAPackage("io.pciplacement.pci")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage("io.pciplacement.pci", "com.google.re2j..")
                    .or(resideInAnyPackage(LANGUAGE)));

    @ArchTest
    static final ArchRule placementKnowsDevices = classes()
            .that()
            .resideInAPackage("io.pciplacement.placement")
            .should()
            .onlyDependOnClassesThat(
                    resideInAnyPackage("io.pciplacement.placement", "io.pciplacement.pci", "io.pciplacement.text")
                            .or(resideInAnyPackage(LANGUAGE)));

    @ArchTest
    static final ArchRule planningKnowsBoth = classes()
            .that()
            .resideInAPackage("io.pciplacement.planning..")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                            "io.pciplacement.planning..",
                            "io.pciplacement.placement",
                            "io.pciplacement.pci",
                            // Hashes and bytes of provider uuids: values, no I/O.
                            "java.security",
                            "java.nio",
                            "java.nio.charset")
                    .or(resideInAnyPackage(LANGUAGE)));

    @ArchTest
    static final ArchRule coreHasNoClock = noClasses()
            .that()
            .resideInAnyPackage("io.pciplacement.pci", "io.pciplacement.placement", "io.pciplacement.planning..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.time..", "java.io..", "java.net..", "java.util.concurrent..");

    @ArchTest
    static final ArchRule agentIsSmall = noClasses()
            .that()
            .resideInAPackage("io.pciplacement.agent..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.fabric8.kubernetes.client..", "io.quarkus..", "io.javaoperatorsdk..", "io.vertx..");

    @ArchTest
    static final ArchRule httpServesOnlyThePort = noClasses()
            .that()
            .resideInAPackage("io.pciplacement.placement.http..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.pciplacement.operator..", "io.pciplacement.planning..", "io.fabric8..");

    @ArchTest
    static final ArchRule theCommandStartsWithoutQuarkus = noClasses()
            .that()
            .resideInAPackage("io.pciplacement.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.quarkus..", "io.javaoperatorsdk..", "jakarta..", "org.eclipse.microprofile..");

    @ArchTest
    static final ArchRule novasConfigurationIsOnlyTranslated = classes()
            .that()
            .resideInAPackage("io.pciplacement.nova")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                            "io.pciplacement.nova",
                            "io.pciplacement.api.v1alpha1",
                            "io.pciplacement.planning",
                            "io.pciplacement.placement",
                            "io.pciplacement.pci",
                            "io.pciplacement.text",
                            "io.fabric8.kubernetes.api.model..",
                            "com.fasterxml.jackson..")
                    .or(resideInAnyPackage(LANGUAGE)));
}
