/** Mappers between API objects and domain values. */
@NullMarked
package io.pciplacement.mapping;

import org.jspecify.annotations.NullMarked;
