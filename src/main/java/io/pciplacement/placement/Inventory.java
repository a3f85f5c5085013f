package io.pciplacement.placement;

/**
 * What a provider has of one resource class.
 *
 * @param total how many there are, 1 or more
 * @param reserved how many of them are kept back; belongs to the administrator
 * @param minUnit the fewest that one allocation may take
 * @param maxUnit the most that one allocation may take
 * @param stepSize what an allocation's amount must be a multiple of
 * @param allocationRatio how often each may be given out; devices: 1
 */
public record Inventory(int total, int reserved, int minUnit, int maxUnit, int stepSize, double allocationRatio) {

    /** So many devices, of which so many are reserved. */
    public static Inventory of(int total, int reserved) {
        return new Inventory(total, reserved, 1, total, 1, 1.0);
    }

    public Inventory withReserved(int amount) {
        return new Inventory(total, amount, minUnit, maxUnit, stepSize, allocationRatio);
    }
}
