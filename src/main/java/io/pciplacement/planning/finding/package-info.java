/** Contradictions of specs, devices and Placement as values, each with a reason, a message and a remedy. */
@NullMarked
package io.pciplacement.planning.finding;

import org.jspecify.annotations.NullMarked;
