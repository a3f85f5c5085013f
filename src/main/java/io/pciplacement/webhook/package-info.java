/** Admission: the same rules as the reconcilers', asked before an object is stored. */
@NullMarked
package io.pciplacement.webhook;

import org.jspecify.annotations.NullMarked;
