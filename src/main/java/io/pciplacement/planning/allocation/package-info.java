/** Who holds which devices, and who gets which: healing and claims as values, pure like the rest of planning. */
@NullMarked
package io.pciplacement.planning.allocation;

import org.jspecify.annotations.NullMarked;
