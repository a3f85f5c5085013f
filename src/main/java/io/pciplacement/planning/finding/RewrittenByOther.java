package io.pciplacement.planning.finding;

/**
 * Another client has changed a provider back after the operator wrote it, twice; the operator does not write it again.
 */
public record RewrittenByOther(String provider, String wanted, String found) implements Finding {

    @Override
    public String message() {
        return "Another client changes resource provider %s back each time: wanted is %s, Placement has %s. It is left as it is until its device spec, its devices or the settings change. If nova-compute reports this host's devices, its [pci]device_spec must want the same, or must not select the device."
                .formatted(provider, wanted, found);
    }
}
