/** The node agent: reads PCI devices from sysfs and publishes them into its node's HostPciInventory. */
@NullMarked
package io.pciplacement.agent;

import org.jspecify.annotations.NullMarked;
