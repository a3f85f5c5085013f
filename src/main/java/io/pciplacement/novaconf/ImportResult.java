package io.pciplacement.novaconf;

import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import java.util.List;

/**
 * Result of the import of nova.conf files.
 *
 * @param specs specs in the order in which Nova tries the entries
 * @param untranslated the parts that could not be translated, each with the reason
 * @param aliases {@code [pci]alias} by name, as equivalent requests
 */
public record ImportResult(List<Spec> specs, List<Diagnostic> untranslated, List<Alias> aliases) {

    /** One spec, the entries from which it was created, and notes about them. */
    public record Spec(PciDeviceSpec resource, List<Diagnostic> sources, List<Diagnostic> notes) {

        public Spec {
            sources = List.copyOf(sources);
            notes = List.copyOf(notes);
        }
    }

    /**
     * Aliases of one name as requests of a PciAllocation.
     *
     * @param requests alternatives: Nova assigns a device that matches any of them
     * @param difference what the requests cannot express; empty if they are equivalent
     */
    public record Alias(List<Diagnostic> sources, List<String> requests, String difference) {

        public Alias {
            sources = List.copyOf(sources);
            requests = List.copyOf(requests);
        }
    }

    public ImportResult {
        specs = List.copyOf(specs);
        untranslated = List.copyOf(untranslated);
        aliases = List.copyOf(aliases);
    }
}
