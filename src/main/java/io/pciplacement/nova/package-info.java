/** Nova's own configuration of PCI devices, to and from PciDeviceSpecs: values only, no I/O. */
@org.jspecify.annotations.NullMarked
package io.pciplacement.nova;
