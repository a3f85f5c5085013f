/** Delays between retries. */
@NullMarked
package io.pciplacement.retry;

import org.jspecify.annotations.NullMarked;
