/** Tree of the devices and providers of a host, for {@code pci status}. */
@NullMarked
package io.pciplacement.cli.status;

import org.jspecify.annotations.NullMarked;
