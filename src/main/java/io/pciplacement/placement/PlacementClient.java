package io.pciplacement.placement;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The port to Placement: one method, one request. Every method may throw a {@link PlacementException}; which kinds are
 * to be expected beyond {@link PlacementException.Unreachable}, {@link PlacementException.Unauthorized} and
 * {@link PlacementException.Misconfigured} is said at each. Safe for use by many threads.
 */
public interface PlacementClient {

    /** All providers that have a trait; empty where Placement does not know the trait. */
    List<ResourceProvider> providersWith(Trait trait);

    Optional<ResourceProvider> providerNamed(String name);

    /** All providers of the tree that a provider is in, the root among them; empty where there is no such provider. */
    List<ResourceProvider> tree(UUID provider);

    /**
     * Makes a provider, with generation 0.
     *
     * @param parent the parent's uuid, empty for a root
     * @throws PlacementException.NameTaken where a provider has that name or uuid already
     * @throws PlacementException.NotFound where there is no such parent
     */
    ResourceProvider createProvider(UUID uuid, String name, Optional<UUID> parent);

    /**
     * Removes a provider with its inventories and traits; what is gone already is no error.
     *
     * @throws PlacementException.InUse where it has allocations or children
     */
    void deleteProvider(UUID uuid);

    /** @throws PlacementException.NotFound where there is no such provider */
    ProviderInventories inventories(UUID provider);

    /**
     * Replaces all inventories of a provider; an empty map removes them.
     *
     * @return the provider's new generation
     * @throws PlacementException.GenerationConflict where the provider has another generation
     * @throws PlacementException.InUse where a class is dropped of which something is allocated
     * @throws PlacementException.NotFound where there is no such provider
     */
    int putInventories(UUID provider, ProviderInventories inventories);

    /** @throws PlacementException.NotFound where there is no such provider */
    ProviderTraits traits(UUID provider);

    /**
     * Replaces the traits of a provider. Unchanged traits leave the generation as it is.
     *
     * @return the provider's new generation
     * @throws PlacementException.GenerationConflict where the provider has another generation
     * @throws PlacementException.Rejected where Placement does not know one of the traits
     * @throws PlacementException.NotFound where there is no such provider
     */
    int putTraits(UUID provider, ProviderTraits traits);

    /** Who has what of a provider. */
    ProviderAllocations allocations(UUID provider);

    /**
     * Replaces the inventories of several providers, and the allocations of several consumers, all or nothing. Moves
     * the generation of each provider by two, or by one where its inventories end empty.
     *
     * @throws PlacementException.Forbidden where the role does not allow it: write the inventories one by one
     * @throws PlacementException.GenerationConflict where one provider or consumer has another generation
     * @throws PlacementException.InUse where a class is dropped of which something is allocated
     */
    void reshape(Map<UUID, ProviderInventories> inventories, Map<UUID, Allocation> allocations);

    /** What one consumer has; one without resources and generation where Placement does not know it. */
    Allocation allocation(UUID consumer);

    /**
     * Replaces all that several consumers have, all or nothing.
     *
     * @throws PlacementException.GenerationConflict where one consumer has another generation
     * @throws PlacementException.CapacityExceeded where there is not enough left
     */
    void putAllocations(Map<UUID, Allocation> allocations);

    /** Every resource class there is, standard and custom. */
    Set<ResourceClass> resourceClasses();

    /** Every trait there is, standard and custom. */
    Set<Trait> traits();

    /** Which of these traits there are. */
    Set<Trait> existing(Collection<Trait> traits);

    /** Makes a custom trait; one that exists is no error. */
    void createTrait(Trait trait);

    /** Makes a custom resource class; one that exists is no error. */
    void createResourceClass(ResourceClass resourceClass);
}
