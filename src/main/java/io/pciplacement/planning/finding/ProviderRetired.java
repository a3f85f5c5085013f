package io.pciplacement.planning.finding;

/** A provider that is not wanted any more, below a root that another service owns: it stays without inventory. */
public record ProviderRetired(String provider) implements Finding {

    @Override
    public String message() {
        return "No device of %s is selected any more. Its inventory is removed and the provider stays, because nova-compute fails to create servers on a host if a provider below its root disappears. It is used again if a spec selects the device again."
                .formatted(provider);
    }
}
