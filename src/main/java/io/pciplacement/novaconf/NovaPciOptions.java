package io.pciplacement.novaconf;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;

/**
 * What nova.conf files say of PCI devices, not yet understood, in the order in which Nova tries it.
 *
 * @param deviceSpecs the dictionaries of {@code [pci]device_spec} and of the names that it had before
 * @param aliases the dictionaries of {@code [pci]alias}
 * @param problems what is no dictionary
 */
public record NovaPciOptions(
        List<NovaPciOptions.RawEntry> deviceSpecs, List<NovaPciOptions.RawEntry> aliases, List<Diagnostic> problems) {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            // Python's reader takes NaN and Infinity.
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    /** One dictionary. */
    public record RawEntry(SourceLocation place, JsonNode object) {

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

    public static NovaPciOptions of(List<OsloConfigFile> files) {
        List<NovaPciOptions.RawEntry> deviceSpecs = new ArrayList<>();
        List<NovaPciOptions.RawEntry> aliases = new ArrayList<>();
        List<Diagnostic> problems = new ArrayList<>();
        for (OsloConfigFile file : files) {
            problems.addAll(file.problems());
            // oslo.config puts the values of an option's old names before those of its name.
            take(file, "DEFAULT", "pci_passthrough_whitelist", true, deviceSpecs, problems);
            take(file, "pci", "passthrough_whitelist", true, deviceSpecs, problems);
            take(file, "pci", "device_spec", true, deviceSpecs, problems);
            take(file, "DEFAULT", "pci_alias", false, aliases, problems);
            take(file, "pci", "alias", false, aliases, problems);
        }
        return new NovaPciOptions(deviceSpecs, aliases, problems);
    }

    /** @param lists whether Nova takes a list of dictionaries, too */
    private static void take(
            OsloConfigFile file,
            String section,
            String option,
            boolean lists,
            List<NovaPciOptions.RawEntry> into,
            List<Diagnostic> problems) {
        file.assignments().stream()
                .filter(one -> one.section().equals(section) && one.option().equals(option))
                .forEach(one -> read(one, lists, into, problems));
    }

    private static void read(
            OsloConfigFile.Assignment value,
            boolean lists,
            List<NovaPciOptions.RawEntry> into,
            List<Diagnostic> problems) {
        String reference = value.reference();
        if (reference != null) {
            problems.add(new Diagnostic(
                    value.place(),
                    "%s stands for another option's value: write that value in its place, or $$ for a dollar sign"
                            .formatted(reference),
                    value.value()));
            return;
        }
        JsonNode json;
        try {
            json = JSON.readTree(value.plain());
        } catch (JsonProcessingException e) {
            String quotes = value.value().startsWith("'") ? " (quotes around several lines are part of the value)" : "";
            problems.add(new Diagnostic(
                    value.place(),
                    "not JSON%s: %s; nova-compute does not start with it either"
                            .formatted(quotes, e.getOriginalMessage()),
                    value.value()));
            return;
        }
        if (json.isObject()) {
            into.add(new NovaPciOptions.RawEntry(value.place(), json));
        } else if (json.isArray() && lists) {
            for (int i = 0; i < json.size(); i++) {
                SourceLocation place =
                        new SourceLocation(value.place().file(), value.place().line(), i + 1);
                if (json.get(i).isObject()) {
                    into.add(new NovaPciOptions.RawEntry(place, json.get(i)));
                } else {
                    problems.add(new Diagnostic(
                            place,
                            "not a dictionary; nova-compute does not start with it either",
                            json.get(i).toString()));
                }
            }
        } else {
            problems.add(new Diagnostic(
                    value.place(),
                    "%s; nova-compute does not start with it either"
                            .formatted(
                                    lists
                                            ? "neither a dictionary nor a list of them"
                                            : "an alias must be a dictionary"),
                    value.value()));
        }
    }
}
