/** Backoff and logging of repeated failures. */
@NullMarked
package io.pciplacement.retry;

import org.jspecify.annotations.NullMarked;
