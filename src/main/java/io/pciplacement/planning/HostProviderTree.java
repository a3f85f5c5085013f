package io.pciplacement.planning;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Trait;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Naming and ownership of the providers of a host.
 *
 * @param rootName name of the provider that represents the host
 * @param rootUuid its uuid
 * @param ownershipTraits traits of all providers of the operator
 * @param operatorOwnsRoot whether the operator created the root and no compute service uses it: only below such a root
 *     may providers be deleted
 */
public record HostProviderTree(
        String rootName, UUID rootUuid, SortedSet<Trait> ownershipTraits, boolean operatorOwnsRoot) {

    /** Returns an instance for names and uuids only; nothing may be written with it. */
    public static HostProviderTree forNamesOnly(String rootName, UUID rootUuid) {
        return new HostProviderTree(rootName, rootUuid, new TreeSet<>(), false);
    }

    /** Returns the name that Nova uses: the root's name, an underscore and the address in upper case. */
    public String providerName(PciAddress address) {
        return rootName + "_" + address.toString().toUpperCase(Locale.ROOT);
    }

    public UUID providerUuid(PciAddress address) {
        return ProviderUuid.ofChild(rootUuid, providerName(address));
    }

    /** Returns the address in a provider's name; empty for names of another form. */
    public Optional<PciAddress> findAddress(String providerName) {
        return providerName.startsWith(rootName + "_")
                ? PciAddress.parse(providerName.substring(rootName.length() + 1))
                : Optional.empty();
    }
}
