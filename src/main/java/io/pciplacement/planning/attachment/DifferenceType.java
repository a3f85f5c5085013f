package io.pciplacement.planning.attachment;

/** Type of an {@link AttachmentDifference}. The types are part of the API: docs/reasons.md describes each. */
public enum DifferenceType {
    ALLOCATED_NOT_ATTACHED("AllocatedNotAttached"),
    ATTACHED_NOT_ALLOCATED("AttachedNotAllocated"),
    ATTACHED_TWICE("AttachedTwice"),
    ATTACHED_NOT_TRACKED("AttachedNotTracked");

    private final String value;

    DifferenceType(String value) {
        this.value = value;
    }

    /** The literal of the API. */
    public String value() {
        return value;
    }

    /** Whether the difference is an error; a server may have devices that no spec selects. */
    public boolean isError() {
        return this != ATTACHED_NOT_TRACKED;
    }

    /** The type of a difference. */
    public static DifferenceType typeOf(AttachmentDifference difference) {
        return switch (difference) {
            case AttachmentDifference.AllocatedNotAttached _ -> ALLOCATED_NOT_ATTACHED;
            case AttachmentDifference.AttachedNotAllocated _ -> ATTACHED_NOT_ALLOCATED;
            case AttachmentDifference.AttachedTwice _ -> ATTACHED_TWICE;
            case AttachmentDifference.AttachedNotTracked _ -> ATTACHED_NOT_TRACKED;
        };
    }
}
