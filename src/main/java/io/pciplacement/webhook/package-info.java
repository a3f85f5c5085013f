/** Admission webhook: applies the rules of the reconcilers before an object is stored. */
@NullMarked
package io.pciplacement.webhook;

import org.jspecify.annotations.NullMarked;
