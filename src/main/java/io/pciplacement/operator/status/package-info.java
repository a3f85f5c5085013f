/** Statuses, conditions and events: built, bounded and written. */
@NullMarked
package io.pciplacement.operator.status;

import org.jspecify.annotations.NullMarked;
