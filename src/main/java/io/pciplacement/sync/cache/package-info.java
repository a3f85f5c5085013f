/** Caches of the state of Placement. */
@NullMarked
package io.pciplacement.sync.cache;

import org.jspecify.annotations.NullMarked;
