/** Trust in certificates. */
@NullMarked
package io.pciplacement.tls;

import org.jspecify.annotations.NullMarked;
