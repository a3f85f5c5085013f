/** Carries plans to Placement: what is remembered of it, the sweeps that keep that true, and the writing. */
@NullMarked
package io.pciplacement.operator.sync;

import org.jspecify.annotations.NullMarked;
