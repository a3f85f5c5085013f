/** Index of all PciAllocations, and the claims that wait. */
@NullMarked
package io.pciplacement.sync.index;

import org.jspecify.annotations.NullMarked;
