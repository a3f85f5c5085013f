/** The record of the reservations that the operator adds to those of administrators. */
@NullMarked
package io.pciplacement.sync.reservation;

import org.jspecify.annotations.NullMarked;
