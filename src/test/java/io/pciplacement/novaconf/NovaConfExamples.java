package io.pciplacement.novaconf;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec;
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

/** Example nova.conf files, for which answers.json has the results of the real Nova, and the hosts for them. */
public final class NovaConfExamples {

    public static final Path DIRECTORY = Path.of("src/test/resources/nova");

    private NovaConfExamples() {}

    /** A PciDeviceSpec from its spec in YAML. */
    public static PciDeviceSpec spec(String name, String yaml) {
        PciDeviceSpec object = new PciDeviceSpec();
        object.getMetadata().setName(name);
        try {
            object.setSpec(new YAMLMapper().readValue(yaml, PciDeviceSpecSpec.class));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
        return object;
    }

    public static String readFile(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static ImportResult importText(String text) {
        return new NovaConfImporter("nova", null)
                .importOptions(NovaPciOptions.fromFiles(List.of(OsloConfigFile.parse("nova.conf", text))));
    }

    public static List<PciDeviceSpec> specs(ImportResult imported) {
        return imported.specs().stream().map(ImportResult.Spec::resource).toList();
    }

    public static Resolution resolve(HostDevices host, Collection<PciDeviceSpec> specs, NameNormalizer names) {
        return Resolver.resolve(
                host,
                specs.stream()
                        .map(spec -> NormalizedSpec.normalize(PciDeviceSpecMapper.toDeviceSpec(spec), names))
                        .toList());
    }

    /** Reads a device list with the columns: address vendor product class type parent numa driver group serial. */
    public static HostDevices readHost(String name) {
        Path file = DIRECTORY.resolve(name + ".guest-list.txt");
        file = Files.exists(file) ? file : DIRECTORY.resolveSibling("sysfs").resolve(name + ".guest-list.txt");
        List<PciDevice> devices = new ArrayList<>();
        for (String line : readFile(file).lines().toList()) {
            String[] columns = line.split(" ", -1);
            DeviceType type = DeviceType.valueOf(columns[4].replace("type-", ""));
            devices.add(new PciDevice(
                    PciAddress.parse(columns[0]).orElseThrow(),
                    type,
                    Integer.decode(columns[1]),
                    Integer.decode(columns[2]),
                    "",
                    -1,
                    null,
                    -1,
                    columns.length > 9 && !columns[9].equals("-") ? columns[9] : null,
                    PciAddress.parse(columns[5]).orElse(null),
                    -1,
                    type == DeviceType.PF ? new PciDevice.Sriov(8, 8, -1) : null));
        }
        return new HostDevices(devices);
    }
}
