/** What hack/bench runs beside the tests: it measures, and judges nothing. */
@NullMarked
package io.pciplacement.bench;

import org.jspecify.annotations.NullMarked;
