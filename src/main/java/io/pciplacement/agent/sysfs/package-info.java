/** Scan of the PCI devices in sysfs. */
@NullMarked
package io.pciplacement.agent.sysfs;

import org.jspecify.annotations.NullMarked;
