package io.pciplacement.planning.finding;

/**
 * Another client has changed a provider back twice after the operator wrote it; the operator does not write it again.
 */
public record RewrittenByOther(String provider, String desired, String actual) implements Finding {

    @Override
    public String message() {
        return "Another client repeatedly changes resource provider %s back: the desired state is %s, Placement has %s. The operator does not write it again until its device spec, its devices or the settings change. If nova-compute reports this host's devices, its [pci]device_spec must require the same, or must not select the device."
                .formatted(provider, desired, actual);
    }
}
