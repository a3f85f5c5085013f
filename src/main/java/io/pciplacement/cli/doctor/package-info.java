/** What {@code pci doctor} looks at and for: checks are functions of what was seen, and nothing is changed. */
@NullMarked
package io.pciplacement.cli.doctor;

import org.jspecify.annotations.NullMarked;
