package io.pciplacement.planning;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.placement.Trait;
import java.util.Optional;
import java.util.SortedSet;
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

    /** Returns the name of a device's provider in Placement, see {@link ProviderName}. */
    public String providerName(PciAddress address) {
        return new ProviderName(rootName, address).toString();
    }

    public UUID providerUuid(PciAddress address) {
        return ProviderUuid.ofChild(rootUuid, providerName(address));
    }

    /** Returns the address in the name of a provider of this host; empty for other names. */
    public Optional<PciAddress> findAddress(String providerName) {
        return ProviderName.findAddressBelow(rootName, providerName);
    }
}
