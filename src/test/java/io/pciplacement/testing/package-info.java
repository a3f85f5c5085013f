/** Test infrastructure: clusters, Placement, fakes and proxies. */
@NullMarked
package io.pciplacement.testing;

import org.jspecify.annotations.NullMarked;
