/**
 * Comparison of what libvirt has attached to servers with what Placement has allocated to them, and decisions about the
 * PciAllocations of these servers.
 */
@NullMarked
package io.pciplacement.planning.attachment;

import org.jspecify.annotations.NullMarked;
