/** Benchmarks that hack/bench runs; they measure and assert nothing. */
@NullMarked
package io.pciplacement.bench;

import org.jspecify.annotations.NullMarked;
