package io.pciplacement.cli.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.PciAllocationSpec;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec;
import io.pciplacement.api.v1alpha1.PciDeviceSpecStatus;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The cluster's kinds have every field that this program knows: the API server silently drops those it does not. */
record CrdsUpToDate() implements Check {

    @Override
    public String name() {
        return "CrdsUpToDate";
    }

    private static final Map<String, Map<String, Class<?>>> NEEDED = new TreeMap<>(Map.of(
            "hostpciinventories", Map.of("spec", HostPciInventorySpec.class, "status", HostPciInventoryStatus.class),
            "pcidevicespecs", Map.of("spec", PciDeviceSpecSpec.class, "status", PciDeviceSpecStatus.class),
            "pciallocations", Map.of("spec", PciAllocationSpec.class, "status", PciAllocationStatus.class)));

    @Override
    public String healthy() {
        return "the cluster's kinds have every field that this program knows";
    }

    @Override
    public List<CheckResult> examine(CloudSnapshot patient) {
        List<CheckResult> symptoms = new ArrayList<>();
        NEEDED.forEach((plural, parts) -> {
            JsonNode schema = patient.kinds().get(plural);
            if (schema == null) {
                return;
            }
            List<String> missing = new ArrayList<>();
            new TreeMap<>(parts)
                    .forEach((part, type) ->
                            compare(part, schema.path("properties").path(part), type, missing));
            if (!missing.isEmpty()) {
                symptoms.add(
                        new CheckResult(
                                CheckResult.Severity.error,
                                plural,
                                "the kind is older than this program and lacks %s: the API server drops what is written there"
                                        .formatted(String.join(", ", missing)),
                                "upgrade the chart pci-placement-operator-crds, or kubectl apply --server-side -f deploy/crds"));
            }
        });
        return symptoms;
    }

    private static void compare(String path, JsonNode schema, Type type, List<String> missing) {
        if (schema.isMissingNode()) {
            missing.add(path);
        } else if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
            compare(path, schema.path("items"), list.getActualTypeArguments()[0], missing);
        } else if (type instanceof Class<?> record && record.isRecord()) {
            for (RecordComponent component : record.getRecordComponents()) {
                compare(
                        path + "." + component.getName(),
                        schema.path("properties").path(component.getName()),
                        component.getGenericType(),
                        missing);
            }
        }
    }
}
