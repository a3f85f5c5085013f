package io.pciplacement;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.planning.allocation.AllocationProblemReason;
import io.pciplacement.planning.attachment.DifferenceType;
import io.pciplacement.planning.finding.FindingReason;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/reasons.md and the code name the same reasons and states. */
class ReasonsDocTest {

    private static final Pattern NAME = Pattern.compile("`([A-Z][A-Za-z]+)`");

    @Test
    void documentsExactlyTheReasonsAndStates() throws IOException {
        String page = Files.readString(Path.of("docs/reasons.md"));
        Set<String> known = Stream.concat(
                        reasons(), Arrays.stream(ProviderState.values()).map(ProviderState::value))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> documented = NAME.matcher(page)
                .results()
                .map(match -> match.group(1))
                .filter(name -> known.contains(name) || !conditionTypes().contains(name))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(documented).isEqualTo(known);
    }

    private static Stream<String> reasons() {
        return Stream.of(
                        Arrays.stream(ConditionReason.values()).map(ConditionReason::value),
                        Arrays.stream(FindingReason.values()).map(FindingReason::value),
                        Arrays.stream(AllocationProblemReason.values()).map(AllocationProblemReason::value),
                        Arrays.stream(DifferenceType.values()).map(DifferenceType::value))
                .flatMap(names -> names);
    }

    private static Set<String> conditionTypes() {
        return Arrays.stream(ConditionType.class.getFields())
                .map(ReasonsDocTest::literal)
                .collect(Collectors.toSet());
    }

    private static String literal(Field field) {
        try {
            return String.valueOf(field.get(null));
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A reason that findings of a host and problems of a PciAllocation share has one meaning. */
    @Test
    void reasonsAreUnique() {
        List<String> duplicates =
                reasons().collect(Collectors.groupingBy(reason -> reason, Collectors.counting())).entrySet().stream()
                        .filter(entry -> entry.getValue() > 1)
                        .map(Map.Entry::getKey)
                        .toList();
        assertThat(duplicates)
                .containsExactlyInAnyOrder(
                        FindingReason.DEPENDENT_DEVICES.value(), FindingReason.REJECTED_BY_PLACEMENT.value());
    }

    /** The API server accepts no other form of a reason. */
    @Test
    void reasonsAreCamelCase() {
        assertThat(reasons()).allSatisfy(reason -> assertThat(reason).matches("[A-Z][A-Za-z]+"));
    }
}
