package io.pciplacement.novaconf;

import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import java.util.List;

/**
 * What became of a nova.conf.
 *
 * @param specs in the order in which Nova tries the entries
 * @param refused what could not be translated
 * @param aliases {@code [pci]alias}, by name, as the requests that ask for the same
 */
public record ImportResult(List<Spec> specs, List<Diagnostic> refused, List<Alias> aliases) {

    /** One spec, the entries that it was made of, and what to know of them. */
    public record Spec(PciDeviceSpec object, List<Diagnostic> from, List<Diagnostic> notes) {

        public Spec {
            from = List.copyOf(from);
            notes = List.copyOf(notes);
        }
    }

    /**
     * The aliases of one name as requests of a PciAllocation.
     *
     * @param requests alternatives: Nova gives a device that any of them asks for
     * @param difference what none of them can say; empty if there is nothing
     */
    public record Alias(List<Diagnostic> from, List<String> requests, String difference) {

        public Alias {
            from = List.copyOf(from);
            requests = List.copyOf(requests);
        }
    }

    public ImportResult {
        specs = List.copyOf(specs);
        refused = List.copyOf(refused);
        aliases = List.copyOf(aliases);
    }
}
