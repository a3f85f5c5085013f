package io.pciplacement.pci;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A domain to which devices of the host are attached. It has them while it is stopped, too.
 *
 * @param uuid UUID of the domain, which is that of Nova's server
 * @param name name of the server; of a domain that Nova has not created, its own
 * @param projectId project of the server, null if Nova has not created the domain
 * @param userId owner of the server, null if Nova has not created the domain
 * @param devices how each device is attached
 */
public record AttachedServer(
        UUID uuid,
        String name,
        @Nullable String projectId,
        @Nullable String userId,
        boolean running,
        SortedMap<PciAddress, AttachmentKind> devices) {

    public AttachedServer {
        devices = Collections.unmodifiableSortedMap(new TreeMap<>(devices));
    }
}
