/** What the operator tells a Prometheus. */
@NullMarked
package io.pciplacement.operator.metrics;

import org.jspecify.annotations.NullMarked;
