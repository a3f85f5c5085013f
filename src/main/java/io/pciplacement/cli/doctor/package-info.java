/** Checks of {@code pci doctor}. They are pure functions of a snapshot and change nothing. */
@NullMarked
package io.pciplacement.cli.doctor;

import org.jspecify.annotations.NullMarked;
