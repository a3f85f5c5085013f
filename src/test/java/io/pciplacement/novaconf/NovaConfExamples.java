package io.pciplacement.novaconf;

import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.mapping.PciDeviceSpecMapper;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.planning.NormalizedSpec;
import io.pciplacement.planning.Resolution;
import io.pciplacement.planning.Resolver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The examples that Nova was asked about, and the hosts that they are for. */
final class NovaConfExamples {

    static final Path FOLDER = Path.of("src/test/resources/nova");

    private NovaConfExamples() {}

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ImportResult imported(String text) {
        return new NovaConfImporter("nova", null)
                .read(NovaPciOptions.of(List.of(OsloConfigFile.parse("nova.conf", text))));
    }

    static List<PciDeviceSpec> specs(ImportResult imported) {
        return imported.specs().stream().map(ImportResult.Spec::object).toList();
    }

    static Resolution resolve(HostDevices host, Collection<PciDeviceSpec> specs, NameNormalizer names) {
        return Resolver.resolve(
                host,
                specs.stream()
                        .map(spec -> NormalizedSpec.normalize(PciDeviceSpecMapper.toDeviceSpec(spec), names))
                        .toList());
    }

    /** The devices of a list that says of each: address vendor product class type parent numa driver group serial. */
    static HostDevices host(String name) {
        Path file = FOLDER.resolve(name + ".guest-list.txt");
        file = Files.exists(file) ? file : FOLDER.resolveSibling("sysfs").resolve(name + ".guest-list.txt");
        List<PciDevice> devices = new ArrayList<>();
        for (String line : read(file).lines().toList()) {
            String[] said = line.split(" ", -1);
            DeviceType type = DeviceType.valueOf(said[4].replace("type-", ""));
            devices.add(new PciDevice(
                    PciAddress.parse(said[0]).orElseThrow(),
                    type,
                    Integer.decode(said[1]),
                    Integer.decode(said[2]),
                    "",
                    -1,
                    null,
                    -1,
                    said.length > 9 && !said[9].equals("-") ? said[9] : null,
                    PciAddress.parse(said[5]).orElse(null),
                    -1,
                    type == DeviceType.PF ? new PciDevice.Sriov(8, 8, -1) : null));
        }
        return new HostDevices(devices);
    }
}
