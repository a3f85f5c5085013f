package io.pciplacement.cli.audit;

import io.pciplacement.planning.attachment.AttachmentDifference;
import org.jspecify.annotations.Nullable;

/**
 * A difference between the devices of a server and its allocation on one host.
 *
 * @param firstSeen when the operator first saw it, RFC 3339; null if the operator does not report it (yet)
 */
public record AuditedDifference(
        String node,
        AttachmentDifference difference,
        @Nullable String firstSeen) {}
