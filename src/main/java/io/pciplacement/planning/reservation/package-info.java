/**
 * Reservations that the operator adds to those of administrators: for quarantined devices and for hosts that are
 * drained. Pure: no I/O, no clock.
 */
@NullMarked
package io.pciplacement.planning.reservation;

import org.jspecify.annotations.NullMarked;
