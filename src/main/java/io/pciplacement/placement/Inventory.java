package io.pciplacement.placement;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Inventory of one resource class of a provider.
 *
 * @param total number of units, at least 1
 * @param reserved number of units that cannot be allocated; set by the administrator
 * @param minUnit minimum amount of one allocation
 * @param maxUnit maximum amount of one allocation
 * @param stepSize divisor of the amount of an allocation
 * @param allocationRatio overcommit ratio; 1 for devices
 */
public record Inventory(int total, int reserved, int minUnit, int maxUnit, int stepSize, double allocationRatio) {

    /** Inventory of devices: any number of them can be allocated, each once. */
    public static Inventory of(int total, int reserved) {
        return new Inventory(total, reserved, 1, total, 1, 1.0);
    }

    /** Returns the total of each resource class. */
    public static SortedMap<ResourceClass, Integer> totals(Map<ResourceClass, Inventory> inventories) {
        SortedMap<ResourceClass, Integer> totals = new TreeMap<>();
        inventories.forEach((resourceClass, inventory) -> totals.put(resourceClass, inventory.total()));
        return totals;
    }

    /** Returns the reserved units of each resource class. */
    public static SortedMap<ResourceClass, Integer> reservations(Map<ResourceClass, Inventory> inventories) {
        SortedMap<ResourceClass, Integer> reservations = new TreeMap<>();
        inventories.forEach((resourceClass, inventory) -> reservations.put(resourceClass, inventory.reserved()));
        return reservations;
    }

    public Inventory withReserved(int amount) {
        return new Inventory(total, amount, minUnit, maxUnit, stepSize, allocationRatio);
    }
}
