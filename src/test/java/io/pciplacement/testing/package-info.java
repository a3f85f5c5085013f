/** Real parts for tests. */
@NullMarked
package io.pciplacement.testing;

import org.jspecify.annotations.NullMarked;
