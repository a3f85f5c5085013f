/** Node agent: reads the host's PCI devices from sysfs and publishes them in the status of its HostPciInventory. */
@NullMarked
package io.pciplacement.agent;

import org.jspecify.annotations.NullMarked;
