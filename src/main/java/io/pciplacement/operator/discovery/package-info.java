/** Maintenance of the PciAllocations of servers that libvirt has. */
@NullMarked
package io.pciplacement.operator.discovery;

import org.jspecify.annotations.NullMarked;
