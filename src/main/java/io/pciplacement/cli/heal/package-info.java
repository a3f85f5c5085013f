/** Healing of allocations by {@code pci heal}, with rollback. */
@NullMarked
package io.pciplacement.cli.heal;

import org.jspecify.annotations.NullMarked;
