package io.pciplacement.placement;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Client of the Placement API; each method sends one request. Every method can throw a {@link PlacementException}. Each
 * method documents the subtypes it throws besides {@link PlacementException.Unreachable},
 * {@link PlacementException.Unauthorized} and {@link PlacementException.Misconfigured}. Thread-safe.
 */
public interface PlacementClient {

    /** All providers that have a trait; empty if Placement does not know the trait. */
    List<ResourceProvider> listProvidersWithTrait(Trait trait);

    /** All providers that have one trait and not another; empty if Placement does not know one of them. */
    List<ResourceProvider> listProvidersWithTrait(Trait required, Trait forbidden);

    Optional<ResourceProvider> findProviderByName(String name);

    /** All providers of the tree that contains a provider, including the root; empty if the provider does not exist. */
    List<ResourceProvider> listProvidersInTree(UUID provider);

    /**
     * Creates a provider, with generation 0.
     *
     * @param parent the uuid of the parent, empty for a root
     * @throws PlacementException.NameTaken if a provider with this name or uuid already exists
     * @throws PlacementException.NotFound if the parent does not exist
     */
    ResourceProvider createProvider(UUID uuid, String name, Optional<UUID> parent);

    /**
     * Deletes a provider with its inventories and traits. Does nothing if it does not exist.
     *
     * @throws PlacementException.InUse if it has allocations or children
     */
    void deleteProvider(UUID uuid);

    /**
     * All inventories of a provider.
     *
     * @throws PlacementException.NotFound if the provider does not exist
     */
    ProviderInventories getInventories(UUID provider);

    /**
     * Replaces all inventories of a provider; an empty map removes them.
     *
     * @return the new generation of the provider
     * @throws PlacementException.GenerationConflict if the provider has another generation
     * @throws PlacementException.InUse if a removed resource class has allocations
     * @throws PlacementException.NotFound if the provider does not exist
     */
    int putInventories(UUID provider, ProviderInventories inventories);

    /**
     * All traits of a provider.
     *
     * @throws PlacementException.NotFound if the provider does not exist
     */
    ProviderTraits getTraits(UUID provider);

    /**
     * Replaces the traits of a provider. The generation does not change if the traits do not change.
     *
     * @return the new generation of the provider
     * @throws PlacementException.GenerationConflict if the provider has another generation
     * @throws PlacementException.Rejected if Placement does not know one of the traits
     * @throws PlacementException.NotFound if the provider does not exist
     */
    int putTraits(UUID provider, ProviderTraits traits);

    /** All allocations of a provider, by consumer. */
    ProviderAllocations getProviderAllocations(UUID provider);

    /**
     * Atomically replaces the inventories of several providers and the allocations of several consumers. Increases the
     * generation of each provider by two, or by one if it has no inventories afterwards.
     *
     * @throws PlacementException.Forbidden if the role does not allow it: write the inventories one by one
     * @throws PlacementException.GenerationConflict if one provider or consumer has another generation
     * @throws PlacementException.InUse if a removed resource class has allocations
     */
    void reshape(Map<UUID, ProviderInventories> inventories, Map<UUID, Allocation> allocations);

    /** The allocation of a consumer; without resources and generation if Placement does not know the consumer. */
    Allocation getAllocation(UUID consumer);

    /**
     * Atomically replaces the allocations of several consumers.
     *
     * @throws PlacementException.GenerationConflict if one consumer has another generation
     * @throws PlacementException.CapacityExceeded if a provider has too little free capacity
     */
    void putAllocations(Map<UUID, Allocation> allocations);

    /** All resource classes, standard and custom. */
    Set<ResourceClass> listResourceClasses();

    /** All traits, standard and custom. */
    Set<Trait> listTraits();

    /** Those of the given traits that exist in Placement. */
    Set<Trait> findExistingTraits(Collection<Trait> traits);

    /** Creates a custom trait. Does nothing if it exists. */
    void createTrait(Trait trait);

    /** Creates a custom resource class. Does nothing if it exists. */
    void createResourceClass(ResourceClass resourceClass);
}
