/** HTTP servers of the operator's process, and what bounds their connections. */
@NullMarked
package io.pciplacement.server;

import org.jspecify.annotations.NullMarked;
