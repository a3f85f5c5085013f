/** Caches of the cluster: Nodes, hosts, device specs and agent heartbeats. */
@NullMarked
package io.pciplacement.operator.cluster;

import org.jspecify.annotations.NullMarked;
