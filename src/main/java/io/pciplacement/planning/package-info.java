/** The heart: resolve specs, plan the provider tree, compare it with Placement, order the operations. Pure. */
@NullMarked
package io.pciplacement.planning;

import org.jspecify.annotations.NullMarked;
