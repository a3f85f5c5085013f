package io.pciplacement.planning;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Trait;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Where a host's providers belong.
 *
 * @param rootName the name of the provider that stands for the host
 * @param rootUuid its uuid
 * @param marks the traits that every provider of ours has
 * @param ownRoot whether the operator created the root and no compute service uses it: only below such a root may
 *     providers be deleted
 */
public record HostProviderTree(String rootName, UUID rootUuid, SortedSet<Trait> marks, boolean ownRoot) {

    /** Only the names and UUIDs of a host's providers; nothing is written by it. */
    public static HostProviderTree naming(String rootName, UUID rootUuid) {
        return new HostProviderTree(rootName, rootUuid, new TreeSet<>(), false);
    }

    /** As Nova names it: the root's name, an underscore, the address in upper case. */
    public String providerName(PciAddress address) {
        return rootName + "_" + address.toString().toUpperCase(Locale.ROOT);
    }

    public UUID providerUuid(PciAddress address) {
        return ProviderUuid.ofChild(rootUuid, providerName(address));
    }

    /** The address that a provider of this host is named after; empty for any other name. */
    public Optional<PciAddress> address(String providerName) {
        return providerName.startsWith(rootName + "_")
                ? PciAddress.parse(providerName.substring(rootName.length() + 1))
                : Optional.empty();
    }
}
