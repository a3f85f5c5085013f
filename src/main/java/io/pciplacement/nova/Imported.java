package io.pciplacement.nova;

import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import java.util.List;

/**
 * What became of a nova.conf.
 *
 * @param specs in the order in which Nova tries the entries
 * @param refused what could not be translated
 * @param aliases {@code [pci]alias}, each as the request that asks for the same
 */
public record Imported(List<Spec> specs, List<Remark> refused, List<Remark> aliases) {

    /** One spec, the entries that it was made of, and what to know of them. */
    public record Spec(PciDeviceSpec object, List<Remark> from, List<Remark> notes) {

        public Spec {
            from = List.copyOf(from);
            notes = List.copyOf(notes);
        }
    }

    public Imported {
        specs = List.copyOf(specs);
        refused = List.copyOf(refused);
        aliases = List.copyOf(aliases);
    }
}
