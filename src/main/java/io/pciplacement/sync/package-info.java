/** Synchronization of plans, allocations and claims with Placement. No framework, no Kubernetes. */
@NullMarked
package io.pciplacement.sync;

import org.jspecify.annotations.NullMarked;
