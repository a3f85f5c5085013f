/** Planning: resolves specs, plans the provider tree, compares it with Placement and orders the operations. Pure. */
@NullMarked
package io.pciplacement.planning;

import org.jspecify.annotations.NullMarked;
