/** Subcommands of {@code pci}. */
@NullMarked
package io.pciplacement.cli.command;

import org.jspecify.annotations.NullMarked;
