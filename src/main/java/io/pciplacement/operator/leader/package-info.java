/** Which of several operators leads: only that one writes, to Placement or to Kubernetes. */
@NullMarked
package io.pciplacement.operator.leader;

import org.jspecify.annotations.NullMarked;
