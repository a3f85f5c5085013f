package io.pciplacement.cli.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ProviderAllocations;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Saved state of Placement, for planning without access to it. */
public record PlacementSnapshot(List<String> resourceClasses, List<String> traits, List<Provider> providers) {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** Provider with its inventories, traits and allocations. */
    record Provider(
            UUID uuid,
            String name,
            @Nullable UUID parent,
            UUID root,
            int generation,
            Map<String, Inventory> inventories,
            List<String> traits,
            Map<UUID, Map<String, Integer>> allocations) {}

    public PlacementSnapshot {
        resourceClasses = List.copyOf(resourceClasses);
        traits = List.copyOf(traits);
        providers = List.copyOf(providers);
    }

    public static PlacementSnapshot readFile(Path file) {
        try {
            return JSON.readValue(file.toFile(), PlacementSnapshot.class);
        } catch (IOException e) {
            throw new CliException(
                    ExitCode.USAGE,
                    "cannot read %s, which must be a file written by --save-placement: %s"
                            .formatted(
                                    file, e instanceof JsonProcessingException json ? json.getOriginalMessage() : e));
        }
    }

    /** Saves the provider trees of these roots, and the names of all resource classes and traits. */
    public static void saveTrees(PlacementClient placement, Collection<UUID> roots, Path file) {
        List<Provider> providers = new ArrayList<>();
        for (UUID root : new LinkedHashSet<>(roots)) {
            placement.tree(root).forEach(provider -> providers.add(readProvider(placement, provider)));
        }
        PlacementSnapshot snapshot = new PlacementSnapshot(
                placement.resourceClasses().stream()
                        .map(rc -> rc.name())
                        .sorted()
                        .toList(),
                placement.traits().stream().map(Trait::name).sorted().toList(),
                providers);
        try {
            JSON.writeValue(file.toFile(), snapshot);
        } catch (IOException e) {
            throw new CliException(ExitCode.USAGE, "cannot write %s: %s".formatted(file, e.getMessage()));
        }
    }

    private static Provider readProvider(PlacementClient placement, ResourceProvider provider) {
        UUID uuid = provider.uuid();
        Map<String, Inventory> inventories = new TreeMap<>();
        placement.inventories(uuid).byClass().forEach((rc, inventory) -> inventories.put(rc.name(), inventory));
        Map<UUID, Map<String, Integer>> allocations = new TreeMap<>();
        ProviderAllocations current = placement.allocations(uuid);
        current.byConsumer().forEach((consumer, amounts) -> {
            Map<String, Integer> byName = new TreeMap<>();
            amounts.forEach((rc, amount) -> byName.put(rc.name(), amount));
            allocations.put(consumer, byName);
        });
        return new Provider(
                uuid,
                provider.name(),
                provider.parent(),
                provider.root(),
                provider.generation(),
                inventories,
                placement.traits(uuid).traits().stream().map(Trait::name).toList(),
                allocations);
    }
}
