/** Leader election: only the leader writes to Placement and Kubernetes. */
@NullMarked
package io.pciplacement.operator.leader;

import org.jspecify.annotations.NullMarked;
