/** State of the connection to Placement, and what follows from its errors. */
@NullMarked
package io.pciplacement.sync.state;

import org.jspecify.annotations.NullMarked;
