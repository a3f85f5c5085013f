/** Placement's vocabulary as values, and the port through which the operator speaks to it. */
@NullMarked
package io.pciplacement.placement;

import org.jspecify.annotations.NullMarked;
