package io.pciplacement.planning.finding;

/** Reasons of findings, from the most severe to the least. They are part of the API: docs/reasons.md describes each. */
public enum FindingReason {
    FOREIGN_OWNER("ForeignOwner"),
    REWRITTEN_BY_OTHER("RewrittenByOther"),
    ADOPTABLE("Adoptable"),
    NOT_EXPORTED("NotExported"),
    DEVICE_REPLACED("DeviceReplaced"),
    DEPENDENT_DEVICES("DependentDevices"),
    MIXED_RESOURCE_CLASS("MixedResourceClass"),
    MIXED_TRAITS("MixedTraits"),
    PRIORITY_TIE("PriorityTie"),
    ONE_TIME_USE_VF("OneTimeUseVf"),
    INVALID_SPEC("InvalidSpec"),
    REMOTE_MANAGED_WITHOUT_SERIAL("RemoteManagedWithoutSerial"),
    REJECTED_BY_PLACEMENT("RejectedByPlacement"),
    OVERCOMMITTED("Overcommitted"),
    AWAITING_NOVA("AwaitingNova"),
    HELD("Held"),
    AWAITING_CLEANING("AwaitingCleaning"),
    RESERVED_BY_ADMINISTRATOR("ReservedByAdministrator"),
    QUARANTINED("Quarantined"),
    DRAINING("Draining"),
    PROVIDER_RETIRED("ProviderRetired");

    private final String value;

    FindingReason(String value) {
        this.value = value;
    }

    /** Value in conditions, provider rows and events. */
    public String value() {
        return value;
    }

    static FindingReason reasonOf(Finding finding) {
        return switch (finding) {
            case Finding.ForeignOwner f -> FOREIGN_OWNER;
            case RewrittenByOther f -> REWRITTEN_BY_OTHER;
            case Finding.Adoptable f -> ADOPTABLE;
            case NotExported f -> NOT_EXPORTED;
            case AwaitingNova f -> AWAITING_NOVA;
            case Finding.DeviceReplaced f -> DEVICE_REPLACED;
            case Finding.DependentDevices f -> DEPENDENT_DEVICES;
            case Finding.MixedResourceClass f -> MIXED_RESOURCE_CLASS;
            case Finding.MixedTraits f -> MIXED_TRAITS;
            case Finding.PriorityTie f -> PRIORITY_TIE;
            case Finding.OneTimeUseVf f -> ONE_TIME_USE_VF;
            case Finding.InvalidSpec f -> INVALID_SPEC;
            case Finding.RemoteManagedWithoutSerial f -> REMOTE_MANAGED_WITHOUT_SERIAL;
            case Finding.RejectedByPlacement f -> REJECTED_BY_PLACEMENT;
            case Finding.Overcommitted f -> OVERCOMMITTED;
            case Finding.Held f -> HELD;
            case Finding.AwaitingCleaning f -> AWAITING_CLEANING;
            case Quarantined f -> QUARANTINED;
            case Draining f -> DRAINING;
            case ReservedByAdministrator f -> RESERVED_BY_ADMINISTRATOR;
            case ProviderRetired f -> PROVIDER_RETIRED;
        };
    }
}
