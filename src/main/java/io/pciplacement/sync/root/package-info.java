/** Root providers of hosts and of consumers. */
@NullMarked
package io.pciplacement.sync.root;

import org.jspecify.annotations.NullMarked;
