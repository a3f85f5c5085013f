package io.pciplacement.mapping;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec.AddressRegexSpec;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec.SelectorSpec;
import io.pciplacement.pci.AddressGlob;
import io.pciplacement.pci.AddressPattern;
import io.pciplacement.pci.AddressRegex;
import io.pciplacement.pci.ParseResult;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.Selector;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.NodeSelector;
import io.pciplacement.planning.finding.Finding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Mapper from a PciDeviceSpec to a {@link DeviceSpec}. Fields that cannot be parsed become findings. */
public final class PciDeviceSpecMapper {

    private static final int DEFAULT_PRIORITY = 100;

    private final String name;
    private final List<Finding> problems = new ArrayList<>();

    private PciDeviceSpecMapper(String name) {
        this.name = name;
    }

    public static DeviceSpec toDeviceSpec(PciDeviceSpec object) {
        return toDeviceSpec(object.getMetadata().getName(), object.getSpec());
    }

    public static DeviceSpec toDeviceSpec(String name, PciDeviceSpecSpec spec) {
        return new PciDeviceSpecMapper(name).buildDeviceSpec(spec);
    }

    /** A spec that selects no devices, for an object whose mapping failed. */
    public static DeviceSpec unreadableSpec(String name, String cause) {
        return new DeviceSpec(
                name,
                DEFAULT_PRIORITY,
                NodeSelector.ALL,
                List.of(),
                null,
                List.of(),
                null,
                false,
                false,
                true,
                false,
                false,
                List.of(new Finding.InvalidSpec(
                        name, "spec", "the operator failed to read it (%s); simplify it".formatted(cause))));
    }

    private DeviceSpec buildDeviceSpec(PciDeviceSpecSpec spec) {
        List<Selector> selectors = new ArrayList<>();
        for (int i = 0; i < spec.selectors().size(); i++) {
            toSelector("selectors[%d]".formatted(i), spec.selectors().get(i)).ifPresent(selectors::add);
        }
        return new DeviceSpec(
                name,
                Objects.requireNonNullElse(spec.priority(), DEFAULT_PRIORITY),
                toNodeSelector(spec.nodeSelector()),
                selectors,
                spec.resourceClass(),
                Objects.requireNonNullElse(spec.traits(), List.of()),
                spec.physicalNetwork(),
                Boolean.TRUE.equals(spec.remoteManaged()),
                Boolean.TRUE.equals(spec.trusted()),
                !Boolean.FALSE.equals(spec.managed()),
                Boolean.TRUE.equals(spec.liveMigratable()),
                Boolean.TRUE.equals(spec.oneTimeUse()),
                problems);
    }

    private Optional<Selector> toSelector(String field, SelectorSpec selector) {
        int before = problems.size();
        if (selector.devname() != null) {
            addProblem(
                    field + ".devname",
                    "selecting by interface name ('%s') is not supported, because names can change; select by address"
                            .formatted(selector.devname()));
        }
        AddressPattern address = null;
        if (selector.address() != null) {
            address = valueOrProblem(field, AddressGlob.parse(selector.address()));
        } else if (selector.addressRegex() != null) {
            AddressRegexSpec regex = selector.addressRegex();
            address = valueOrProblem(
                    field, AddressRegex.parse(regex.domain(), regex.bus(), regex.slot(), regex.function()));
        }
        PciAddress parent = null;
        if (selector.parentAddress() != null) {
            parent = PciAddress.parse(selector.parentAddress()).orElse(null);
            if (parent == null) {
                addProblem(
                        field + ".parentAddress",
                        "'%s' is not a full PCI address such as 0000:81:00.0, with a slot up to 1f and a function up to 7"
                                .formatted(selector.parentAddress()));
            }
        }
        int vendorId = parseId(field + ".vendorId", selector.vendorId());
        int productId = parseId(field + ".productId", selector.productId());
        return problems.size() > before
                ? Optional.empty()
                : Optional.of(new Selector(
                        vendorId, productId, address, parent, selector.deviceType(), selector.serialNumber()));
    }

    private <T> @Nullable T valueOrProblem(String selector, ParseResult<T> parsed) {
        return switch (parsed) {
            case ParseResult.Success<T>(T value) -> value;
            case ParseResult.Failure<T>(String field, String message) -> {
                addProblem(selector + "." + field, message);
                yield null;
            }
        };
    }

    private void addProblem(String field, String message) {
        problems.add(new Finding.InvalidSpec(name, field, message));
    }

    private int parseId(String field, @Nullable String hex) {
        if (hex == null) {
            return Selector.ANY;
        }
        if (!hex.matches("[0-9A-Fa-f]{4}")) {
            addProblem(field, "'%s' is not four hexadecimal digits".formatted(hex));
            return Selector.ANY;
        }
        return Integer.parseInt(hex, 16);
    }

    private Optional<NodeSelector.Expression> toExpression(LabelSelectorRequirement requirement) {
        return Arrays.stream(NodeSelector.Operator.values())
                .filter(operator -> operator.name().equals(requirement.getOperator()))
                .findFirst()
                .map(operator -> new NodeSelector.Expression(
                        requirement.getKey(), operator, Objects.requireNonNullElse(requirement.getValues(), List.of())))
                .or(() -> {
                    addProblem(
                            "nodeSelector.matchExpressions",
                            "unknown operator '%s'; use In, NotIn, Exists or DoesNotExist"
                                    .formatted(requirement.getOperator()));
                    return Optional.empty();
                });
    }

    private NodeSelector toNodeSelector(@Nullable LabelSelector selector) {
        if (selector == null) {
            return NodeSelector.ALL;
        }
        return new NodeSelector(
                Objects.requireNonNullElse(selector.getMatchLabels(), Map.of()),
                Objects.requireNonNullElse(selector.getMatchExpressions(), List.<LabelSelectorRequirement>of()).stream()
                        .flatMap(requirement -> toExpression(requirement).stream())
                        .toList());
    }
}
