package io.pciplacement.mapping;

import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.AttachmentDifferenceStatus;
import io.pciplacement.planning.attachment.AttachmentDifference;
import io.pciplacement.planning.attachment.DifferenceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/** Mapper of the differences between attachments and allocations to the rows of a host's status. */
public final class AttachmentDifferenceMapper {

    private AttachmentDifferenceMapper() {}

    /** One row for each server of a difference, without the time when it was first seen. */
    public static List<AttachmentDifferenceStatus> toRows(List<AttachmentDifference> differences) {
        List<AttachmentDifferenceStatus> rows = new ArrayList<>();
        for (AttachmentDifference difference : differences) {
            String type = DifferenceType.typeOf(difference).value();
            switch (difference) {
                case AttachmentDifference.AllocatedNotAttached(UUID consumer, String provider, int units) ->
                    rows.add(
                            new AttachmentDifferenceStatus(type, consumer.toString(), null, provider, null, units, ""));
                case AttachmentDifference.AttachedNotAllocated missing ->
                    rows.add(new AttachmentDifferenceStatus(
                            type,
                            missing.server().uuid().toString(),
                            missing.server().name(),
                            missing.provider(),
                            null,
                            missing.units(),
                            ""));
                case AttachmentDifference.AttachedTwice twice ->
                    twice.servers()
                            .forEach(server -> rows.add(new AttachmentDifferenceStatus(
                                    type,
                                    server.uuid().toString(),
                                    server.name(),
                                    null,
                                    twice.device().toString(),
                                    null,
                                    "")));
                case AttachmentDifference.AttachedNotTracked untracked ->
                    rows.add(new AttachmentDifferenceStatus(
                            type,
                            untracked.server().uuid().toString(),
                            untracked.server().name(),
                            null,
                            untracked.device().toString(),
                            null,
                            ""));
            }
        }
        return rows;
    }

    /** Whether two rows are about the same devices of the same server; units and times may differ. */
    public static boolean isSame(AttachmentDifferenceStatus one, AttachmentDifferenceStatus other) {
        return one.type().equals(other.type())
                && one.consumerUuid().equals(other.consumerUuid())
                && Objects.equals(one.provider(), other.provider())
                && Objects.equals(one.address(), other.address());
    }
}
