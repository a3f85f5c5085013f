/** Comparison of Placement with the servers of libvirt, for {@code pci audit}. */
@NullMarked
package io.pciplacement.cli.audit;

import org.jspecify.annotations.NullMarked;
