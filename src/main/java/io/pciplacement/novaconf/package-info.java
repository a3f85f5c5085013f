/** Translation of Nova's {@code [pci]} options to PciDeviceSpecs and back: values only, no I/O. */
@NullMarked
package io.pciplacement.novaconf;

import org.jspecify.annotations.NullMarked;
