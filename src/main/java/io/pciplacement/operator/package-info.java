/** Operator process: its lifecycle, settings and CDI producers. */
@NullMarked
package io.pciplacement.operator;

import org.jspecify.annotations.NullMarked;
