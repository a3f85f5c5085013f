package io.pciplacement.planning.finding;

/** No spec selects a provider's devices any more; below a root of another service it is kept without inventory. */
public record ProviderRetired(String provider) implements Finding {

    @Override
    public String message() {
        return "No device of %s is selected any more. Its inventory is removed and the provider is kept, because nova-compute fails to create servers on a host if a provider below its root disappears. It is reused if a spec selects the device again."
                .formatted(provider);
    }
}
