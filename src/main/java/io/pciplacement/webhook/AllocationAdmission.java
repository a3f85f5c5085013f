package io.pciplacement.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.operator.AllocationBook;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.SpecChange.Verdict;
import io.pciplacement.planning.allocation.DeviceAt;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;

/** Turns down a PciAllocation that names a device of another. What slips through, the reconciler decides by age. */
@ApplicationScoped
public class AllocationAdmission {

    private final AllocationBook book;

    AllocationAdmission(AllocationBook book) {
        this.book = book;
    }

    Verdict judge(JsonNode oldObject, JsonNode object) {
        JsonNode devices = object.path("spec").path("devices");
        if (object.path("metadata").has("deletionTimestamp")
                || devices.equals(oldObject.path("spec").path("devices"))) {
            return new Verdict(List.of(), List.of());
        }
        String name = object.path("metadata").path("name").asText();
        List<String> refusals = new ArrayList<>();
        for (JsonNode device : devices) {
            String node = device.path("node").asText();
            PciAddress.parse(device.path("address").asText())
                    .flatMap(address -> book.holder(new DeviceAt(node, address)))
                    .filter(holder -> !holder.name().equals(name))
                    .ifPresent(holder -> refusals.add(
                            "Device %s of host %s is held by PciAllocation %s (consumer %s): delete that one, or name another device."
                                    .formatted(
                                            device.path("address").asText(),
                                            node,
                                            holder.name(),
                                            holder.consumer().uuid())));
        }
        return new Verdict(refusals, List.of());
    }
}
