/** Reconcilers that carry data between Kubernetes, planning and Placement; statuses, conditions, events. */
@NullMarked
package io.pciplacement.operator;

import org.jspecify.annotations.NullMarked;
