package io.pciplacement.planning.reservation;

import org.jspecify.annotations.Nullable;

/**
 * Record of the units of a provider's inventory that the operator has reserved in addition to an administrator's. It is
 * persisted before the reservation in Placement changes, because Placement shows only the sum.
 *
 * @param administrator units that an administrator had reserved when this was recorded
 * @param units units that the operator has reserved in addition, or is about to
 * @param previousUnits units that the operator had reserved before, as long as it is not known whether the change was
 *     written; null once it was
 */
public record RecordedReservation(
        int administrator, int units, @Nullable Integer previousUnits) {

    /** Returns the record of a reservation that was written. */
    public static RecordedReservation written(int administrator, int units) {
        return new RecordedReservation(administrator, units, null);
    }

    /** Returns the record after its change was written. */
    public RecordedReservation asWritten() {
        return written(administrator, units);
    }

    /**
     * Returns the units that an administrator has reserved. If the reservation in Placement is none that the operator
     * has written, an administrator has changed it; in doubt, the units are the administrator's and stay reserved.
     *
     * @param reserved the reservation in Placement
     */
    public int administratorUnits(int reserved) {
        boolean written = reserved == administrator + units;
        boolean notWritten = previousUnits != null && reserved == administrator + previousUnits;
        if (written || notWritten) {
            return administrator;
        }
        int certain = previousUnits == null ? units : Math.min(units, previousUnits);
        return Math.max(0, reserved - certain);
    }
}
