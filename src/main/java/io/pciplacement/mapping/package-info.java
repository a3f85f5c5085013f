/** Mapping of the API objects to values of the core, and back. */
@NullMarked
package io.pciplacement.mapping;

import org.jspecify.annotations.NullMarked;
