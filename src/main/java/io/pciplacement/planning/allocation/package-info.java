/**
 * Desired allocations of consumers compared with Placement: healing and moves as values, pure like the rest of
 * planning.
 */
@NullMarked
package io.pciplacement.planning.allocation;

import org.jspecify.annotations.NullMarked;
