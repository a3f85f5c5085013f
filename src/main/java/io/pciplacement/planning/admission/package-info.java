/** Admission rules as pure functions: the effect of a change of an object, and whether it is allowed. */
@NullMarked
package io.pciplacement.planning.admission;

import org.jspecify.annotations.NullMarked;
