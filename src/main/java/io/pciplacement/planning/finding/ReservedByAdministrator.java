package io.pciplacement.planning.finding;

/** No device spec selects a provider's devices any more, but an administrator has reserved units of it. */
public record ReservedByAdministrator(String provider, int reserved) implements Finding {

    @Override
    public String message() {
        return "No device of %s is selected any more. The provider is kept because an administrator has reserved %d of its units, and deleting it would lose the reservation. Set reserved to 0 in Placement to release it."
                .formatted(provider, reserved);
    }
}
