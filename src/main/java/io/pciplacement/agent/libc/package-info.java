/** Bindings to the C library. */
@NullMarked
package io.pciplacement.agent.libc;

import org.jspecify.annotations.NullMarked;
