/** Index of all PciAllocations and pending claims. */
@NullMarked
package io.pciplacement.sync.index;

import org.jspecify.annotations.NullMarked;
