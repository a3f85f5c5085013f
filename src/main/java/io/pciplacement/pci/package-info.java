/** PCI addresses, devices, and the patterns that select devices. Pure: no I/O, no clock, no Kubernetes. */
@NullMarked
package io.pciplacement.pci;

import org.jspecify.annotations.NullMarked;
