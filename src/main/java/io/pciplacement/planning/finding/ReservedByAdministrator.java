package io.pciplacement.planning.finding;

/** A provider that no device spec selects any more, and of which an administrator has reserved units. */
public record ReservedByAdministrator(String provider, int reserved) implements Finding {

    @Override
    public String message() {
        return "No device of %s is selected any more. It stays because an administrator has reserved %d of it, which would be lost. Set reserved to 0 in Placement to release it."
                .formatted(provider, reserved);
    }
}
