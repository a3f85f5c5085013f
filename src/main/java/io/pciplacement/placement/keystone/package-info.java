/** Keystone: credentials, tokens and the service catalog. */
@NullMarked
package io.pciplacement.placement.keystone;

import org.jspecify.annotations.NullMarked;
