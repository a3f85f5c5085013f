package io.pciplacement.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A server to which libvirt has attached devices of the host. It has them while it is stopped, too.
 *
 * @param serverUuid UUID of libvirt's domain, which is that of Nova's server
 * @param serverName name of the server; of a domain that Nova has not created, its own
 * @param projectId project of the server; null if Nova has not created the domain
 * @param userId user who created the server; null if Nova has not created the domain
 * @param running whether the domain runs
 * @param devices the devices, by address
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AttachmentStatus(
        String serverUuid,
        @Nullable String serverName,
        @Nullable String projectId,
        @Nullable String userId,
        @Nullable Boolean running,
        List<AttachedDevice> devices) {

    /**
     * A device of a server.
     *
     * @param kind the value of an {@link io.pciplacement.pci.AttachmentKind}, or of one that only another version of
     *     the agent defines
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record AttachedDevice(String address, String kind) {}
}
