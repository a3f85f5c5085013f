/** Synchronization of hosts, allocations and claims with Placement. Uses neither a framework nor Kubernetes. */
@NullMarked
package io.pciplacement.sync;

import org.jspecify.annotations.NullMarked;
