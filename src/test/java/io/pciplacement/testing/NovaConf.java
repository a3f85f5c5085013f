package io.pciplacement.testing;

import java.util.List;

/** What a nova-compute reads from the section {@code [pci]} of its nova.conf. */
public record NovaConf(List<String> deviceSpecs, boolean reportInPlacement) {

    private static final String DEVICE_SPEC = "device_spec = ";

    public NovaConf {
        deviceSpecs = List.copyOf(deviceSpecs);
    }

    public static NovaConf parse(String text) {
        return new NovaConf(
                text.lines()
                        .filter(line -> line.startsWith(DEVICE_SPEC))
                        .map(line -> line.substring(DEVICE_SPEC.length()))
                        .toList(),
                text.lines().anyMatch("report_in_placement = true"::equals));
    }
}
