/** Selection of devices for the requests of a PciAllocation; pure like the rest of planning. */
@NullMarked
package io.pciplacement.planning.claim;

import org.jspecify.annotations.NullMarked;
