/** Rules of admission, evaluated on values: what a change of an object would do, and whether it is allowed. */
@NullMarked
package io.pciplacement.planning.admission;

import org.jspecify.annotations.NullMarked;
