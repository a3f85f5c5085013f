package io.pciplacement.novaconf;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;

/**
 * Unparsed values of the {@code [pci]} options of nova.conf files, in the order in which Nova uses them.
 *
 * @param deviceSpecs dictionaries of {@code [pci]device_spec} and its deprecated names
 * @param aliases dictionaries of {@code [pci]alias}
 * @param problems values that are not dictionaries
 */
public record NovaPciOptions(List<RawEntry> deviceSpecs, List<RawEntry> aliases, List<Diagnostic> problems) {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            // Python's parser accepts NaN and Infinity.
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    /** One dictionary, unparsed. */
    public record RawEntry(SourceLocation location, JsonNode object) {

        @Override
        public String toString() {
            return object.toString();
        }
    }

    public NovaPciOptions {
        deviceSpecs = List.copyOf(deviceSpecs);
        aliases = List.copyOf(aliases);
        problems = List.copyOf(problems);
    }

    public static NovaPciOptions fromFiles(List<OsloConfigFile> files) {
        List<RawEntry> deviceSpecs = new ArrayList<>();
        List<RawEntry> aliases = new ArrayList<>();
        List<Diagnostic> problems = new ArrayList<>();
        for (OsloConfigFile file : files) {
            problems.addAll(file.problems());
            // oslo.config puts the values of an option's deprecated names before those of its current name.
            collectOption(file, "DEFAULT", "pci_passthrough_whitelist", true, deviceSpecs, problems);
            collectOption(file, "pci", "passthrough_whitelist", true, deviceSpecs, problems);
            collectOption(file, "pci", "device_spec", true, deviceSpecs, problems);
            collectOption(file, "DEFAULT", "pci_alias", false, aliases, problems);
            collectOption(file, "pci", "alias", false, aliases, problems);
        }
        return new NovaPciOptions(deviceSpecs, aliases, problems);
    }

    /** @param allowLists whether Nova also accepts a list of dictionaries */
    private static void collectOption(
            OsloConfigFile file,
            String section,
            String option,
            boolean allowLists,
            List<RawEntry> entries,
            List<Diagnostic> problems) {
        file.assignments().stream()
                .filter(assignment -> assignment.section().equals(section)
                        && assignment.option().equals(option))
                .forEach(assignment -> parseValue(assignment, allowLists, entries, problems));
    }

    private static void parseValue(
            OsloConfigFile.Assignment value, boolean allowLists, List<RawEntry> entries, List<Diagnostic> problems) {
        String reference = value.firstReference();
        if (reference != null) {
            problems.add(new Diagnostic(
                    value.location(),
                    "%s refers to the value of another option: replace it by that value, or write $$ for a dollar sign"
                            .formatted(reference),
                    value.value()));
            return;
        }
        JsonNode json;
        try {
            json = JSON.readTree(value.unescapedValue());
        } catch (JsonProcessingException e) {
            String quotes = value.value().startsWith("'") ? " (quotes around several lines are part of the value)" : "";
            problems.add(new Diagnostic(
                    value.location(),
                    "not JSON%s: %s; nova-compute does not start with it either"
                            .formatted(quotes, e.getOriginalMessage()),
                    value.value()));
            return;
        }
        if (json.isObject()) {
            entries.add(new RawEntry(value.location(), json));
        } else if (json.isArray() && allowLists) {
            for (int i = 0; i < json.size(); i++) {
                SourceLocation location = new SourceLocation(
                        value.location().file(), value.location().line(), i + 1);
                if (json.get(i).isObject()) {
                    entries.add(new RawEntry(location, json.get(i)));
                } else {
                    problems.add(new Diagnostic(
                            location,
                            "not a dictionary; nova-compute does not start with it either",
                            json.get(i).toString()));
                }
            }
        } else {
            problems.add(new Diagnostic(
                    value.location(),
                    "%s; nova-compute does not start with it either"
                            .formatted(
                                    allowLists
                                            ? "neither a dictionary nor a list of dictionaries"
                                            : "an alias must be a dictionary"),
                    value.value()));
        }
    }
}
