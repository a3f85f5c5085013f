/** Metrics that the operator exports to Prometheus. */
@NullMarked
package io.pciplacement.operator.metrics;

import org.jspecify.annotations.NullMarked;
