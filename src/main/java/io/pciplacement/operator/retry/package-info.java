/** Retries of failed reconciliations. */
@NullMarked
package io.pciplacement.operator.retry;

import org.jspecify.annotations.NullMarked;
