package io.pciplacement.sync;

import io.pciplacement.pci.HostDevices;
import io.pciplacement.planning.AdoptionContext;
import io.pciplacement.planning.AllocatedDevices;
import io.pciplacement.planning.DeviceSpec;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One host that is to be brought in sync.
 *
 * @param node the node's name
 * @param rootName the name of the provider that stands for the host
 * @param createRoot whether to create that provider if it is missing
 * @param write whether Placement may be written at all; else it is only planned
 * @param missing what is not known of the host, so that nothing may be decided; null if all is known
 * @param specs the specs whose node selector selects the node
 * @param record what its object has recorded in earlier syncs
 * @param held which of its devices are known to be held
 * @param adopt whether providers of Nova's may become ours
 */
public record HostSyncRequest(
        String node,
        String rootName,
        boolean createRoot,
        boolean write,
        @Nullable Missing missing,
        HostDevices devices,
        List<DeviceSpec> specs,
        HostRecord record,
        AllocatedDevices held,
        AdoptionContext.Mode adopt) {

    /** What must be known of a host before anything is decided about it. */
    public enum Missing {
        /** Its Node does not exist, so its labels, and with them the specs that are for it, are not known. */
        NODE("its Node does not exist, or is not among the nodes that the operator is for"),
        /** No agent has published a device list for its object. */
        DEVICE_LIST("no agent has published a device list for its HostPciInventory");

        private final String reason;

        Missing(String reason) {
            this.reason = reason;
        }

        /** Why nothing is decided, as part of a sentence. */
        public String why() {
            return reason;
        }
    }

    public HostSyncRequest {
        specs = List.copyOf(specs);
    }

    /** A host of which all is known, and nobody has said who holds what. */
    public HostSyncRequest(
            String node,
            String rootName,
            boolean createRoot,
            boolean write,
            HostDevices devices,
            List<DeviceSpec> specs,
            Map<String, ProviderSnapshot> remembered) {
        this(node, rootName, createRoot, write, devices, specs, remembered, AllocatedDevices.NONE);
    }

    /** A host of which all is known, and where nothing of Nova's becomes ours. */
    public HostSyncRequest(
            String node,
            String rootName,
            boolean createRoot,
            boolean write,
            HostDevices devices,
            List<DeviceSpec> specs,
            Map<String, ProviderSnapshot> remembered,
            AllocatedDevices held) {
        this(
                node,
                rootName,
                createRoot,
                write,
                null,
                devices,
                specs,
                HostRecord.of(remembered),
                held,
                AdoptionContext.Mode.NONE);
    }

    /** The same, and nothing is written. */
    HostSyncRequest reading() {
        return new HostSyncRequest(node, rootName, createRoot, false, missing, devices, specs, record, held, adopt);
    }
}
