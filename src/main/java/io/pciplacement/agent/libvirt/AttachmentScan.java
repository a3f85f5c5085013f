package io.pciplacement.agent.libvirt;

import io.pciplacement.pci.AttachedServer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Result of reading the domains. */
public sealed interface AttachmentScan {

    /**
     * The domains were read.
     *
     * @param servers those with devices of the host, ordered by UUID
     * @param incomplete why some may be missing, or have other devices; null if none
     */
    record Complete(List<AttachedServer> servers, @Nullable String incomplete) implements AttachmentScan {
        public Complete {
            servers = List.copyOf(servers);
        }
    }

    /** libvirt cannot be used. */
    record Failed(String reason) implements AttachmentScan {}
}
