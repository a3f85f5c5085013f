/** Caches of what Placement has. */
@NullMarked
package io.pciplacement.sync.cache;

import org.jspecify.annotations.NullMarked;
