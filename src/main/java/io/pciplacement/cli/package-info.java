/** Command {@code pci}: its entry point and exit codes. */
@NullMarked
package io.pciplacement.cli;

import org.jspecify.annotations.NullMarked;
