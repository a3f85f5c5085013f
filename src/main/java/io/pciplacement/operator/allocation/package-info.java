/** Controllers of PciAllocations. */
@NullMarked
package io.pciplacement.operator.allocation;

import org.jspecify.annotations.NullMarked;
