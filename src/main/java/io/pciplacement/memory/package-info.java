/** Sharing of equal immutable values, which reduces the memory of large clouds. */
@NullMarked
package io.pciplacement.memory;

import org.jspecify.annotations.NullMarked;
