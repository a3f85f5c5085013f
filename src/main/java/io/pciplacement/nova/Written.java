package io.pciplacement.nova;

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
public record Written(List<Said> deviceSpecs, List<Said> aliases, List<Remark> problems) {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            // Python's reader takes NaN and Infinity.
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    /** One dictionary. */
    public record Said(Place place, JsonNode object) {

        @Override
        public String toString() {
            return object.toString();
        }
    }

    public Written {
        deviceSpecs = List.copyOf(deviceSpecs);
        aliases = List.copyOf(aliases);
        problems = List.copyOf(problems);
    }

    public static Written of(List<ConfigFile> files) {
        List<Said> deviceSpecs = new ArrayList<>();
        List<Said> aliases = new ArrayList<>();
        List<Remark> problems = new ArrayList<>();
        for (ConfigFile file : files) {
            problems.addAll(file.problems());
            // oslo.config puts the values of an option's old names before those of its name.
            take(file, "DEFAULT", "pci_passthrough_whitelist", true, deviceSpecs, problems);
            take(file, "pci", "passthrough_whitelist", true, deviceSpecs, problems);
            take(file, "pci", "device_spec", true, deviceSpecs, problems);
            take(file, "DEFAULT", "pci_alias", false, aliases, problems);
            take(file, "pci", "alias", false, aliases, problems);
        }
        return new Written(deviceSpecs, aliases, problems);
    }

    /** @param lists whether Nova takes a list of dictionaries, too */
    private static void take(
            ConfigFile file, String section, String option, boolean lists, List<Said> into, List<Remark> problems) {
        file.assignments().stream()
                .filter(one -> one.section().equals(section) && one.option().equals(option))
                .forEach(one -> read(one, lists, into, problems));
    }

    private static void read(ConfigFile.Assignment value, boolean lists, List<Said> into, List<Remark> problems) {
        String reference = value.reference();
        if (reference != null) {
            problems.add(new Remark(
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
            problems.add(new Remark(
                    value.place(),
                    "not JSON%s: %s; nova-compute does not start with it either"
                            .formatted(quotes, e.getOriginalMessage()),
                    value.value()));
            return;
        }
        if (json.isObject()) {
            into.add(new Said(value.place(), json));
        } else if (json.isArray() && lists) {
            for (int i = 0; i < json.size(); i++) {
                Place place = new Place(value.place().file(), value.place().line(), i + 1);
                if (json.get(i).isObject()) {
                    into.add(new Said(place, json.get(i)));
                } else {
                    problems.add(new Remark(
                            place,
                            "not a dictionary; nova-compute does not start with it either",
                            json.get(i).toString()));
                }
            }
        } else {
            problems.add(new Remark(
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
