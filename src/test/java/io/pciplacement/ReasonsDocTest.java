package io.pciplacement;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.Reason;
import io.pciplacement.planning.Finding;
import io.pciplacement.planning.allocation.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/reasons.md and the code name the same reasons and states. */
class ReasonsDocTest {

    private static final Pattern NAME = Pattern.compile("`([A-Z][A-Za-z]+)`");

    private static final Set<String> CONDITIONS = Set.of(
            "Ready",
            "Stalled",
            "Accepted",
            "InventoryFresh",
            "SpecsResolved",
            "PlacementSynced",
            "AllocationsHealed",
            "NeedsCleaning",
            "RootProviderFound",
            "InPlacement");

    @Test
    void everyReasonAndStateIsDocumentedAndNoOther() throws IOException {
        String page = Files.readString(Path.of("docs/reasons.md"));
        Set<String> documented = NAME.matcher(page)
                .results()
                .map(match -> match.group(1))
                .filter(name -> !CONDITIONS.contains(name))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> known = Stream.of(
                        Arrays.stream(Reason.values()).map(Enum::name),
                        Arrays.stream(ProviderState.values()).map(Enum::name),
                        Arrays.stream(Finding.class.getPermittedSubclasses()).map(Class::getSimpleName),
                        Arrays.stream(Problem.class.getPermittedSubclasses()).map(Class::getSimpleName))
                .flatMap(names -> names)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(documented).isEqualTo(known);
    }

    /** The API server takes no other form of a reason. */
    @Test
    void everyReasonIsOneWord() {
        assertThat(Reason.values())
                .allSatisfy(reason -> assertThat(reason.name()).matches("[A-Z][A-Za-z]+"));
    }
}
