/** Event sources and filters that several controllers share. */
@NullMarked
package io.pciplacement.operator.event;

import org.jspecify.annotations.NullMarked;
