/** Periodic resync with Placement and the cluster, and the fleet metrics that follow from it. */
@NullMarked
package io.pciplacement.operator.sweep;

import org.jspecify.annotations.NullMarked;
