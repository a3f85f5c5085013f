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

/** Check that the installed CRDs have all fields of this version: the API server silently drops unknown fields. */
record CrdsUpToDate() implements Check {

    @Override
    public String checkName() {
        return "CrdsUpToDate";
    }

    private static final Map<String, Map<String, Class<?>>> REQUIRED_TYPES = new TreeMap<>(Map.of(
            "hostpciinventories", Map.of("spec", HostPciInventorySpec.class, "status", HostPciInventoryStatus.class),
            "pcidevicespecs", Map.of("spec", PciDeviceSpecSpec.class, "status", PciDeviceSpecStatus.class),
            "pciallocations", Map.of("spec", PciAllocationSpec.class, "status", PciAllocationStatus.class)));

    @Override
    public String okMessage() {
        return "the installed CRDs have all fields of this version of the command";
    }

    @Override
    public List<CheckResult> evaluate(CloudSnapshot snapshot) {
        List<CheckResult> results = new ArrayList<>();
        REQUIRED_TYPES.forEach((plural, parts) -> {
            JsonNode schema = snapshot.crdSchemas().get(plural);
            if (schema == null) {
                return;
            }
            List<String> missing = new ArrayList<>();
            new TreeMap<>(parts)
                    .forEach((part, type) ->
                            collectMissingFields(part, schema.path("properties").path(part), type, missing));
            if (!missing.isEmpty()) {
                results.add(
                        new CheckResult(
                                CheckResult.Severity.error,
                                plural,
                                "the CRD is older than the command and lacks %s: the API server drops these fields"
                                        .formatted(String.join(", ", missing)),
                                "upgrade the chart pci-placement-operator-crds, or run kubectl apply --server-side -f deploy/crds"));
            }
        });
        return results;
    }

    private static void collectMissingFields(String path, JsonNode schema, Type type, List<String> missing) {
        if (schema.isMissingNode()) {
            missing.add(path);
        } else if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
            collectMissingFields(path, schema.path("items"), list.getActualTypeArguments()[0], missing);
        } else if (type instanceof Class<?> record && record.isRecord()) {
            for (RecordComponent component : record.getRecordComponents()) {
                collectMissingFields(
                        path + "." + component.getName(),
                        schema.path("properties").path(component.getName()),
                        component.getGenericType(),
                        missing);
            }
        }
    }
}
