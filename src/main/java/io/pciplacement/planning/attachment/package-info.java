/** Comparison of what libvirt has attached to servers with what Placement has allocated to them. */
@NullMarked
package io.pciplacement.planning.attachment;

import org.jspecify.annotations.NullMarked;
