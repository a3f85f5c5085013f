/** Export of PciDeviceSpecs to the PCI part of a nova.conf. */
@NullMarked
package io.pciplacement.novaconf.export;

import org.jspecify.annotations.NullMarked;
