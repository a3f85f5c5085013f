/** Health checks: startup, liveness and readiness. */
@NullMarked
package io.pciplacement.operator.health;

import org.jspecify.annotations.NullMarked;
