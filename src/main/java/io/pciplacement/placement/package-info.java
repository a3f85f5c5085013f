/** Values of the Placement API (providers, inventories, traits, allocations) and the interface of its client. */
@NullMarked
package io.pciplacement.placement;

import org.jspecify.annotations.NullMarked;
