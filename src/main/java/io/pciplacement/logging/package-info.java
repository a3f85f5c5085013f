/** Fields of log lines, and the filter that sanitizes them. */
@NullMarked
package io.pciplacement.logging;

import org.jspecify.annotations.NullMarked;
