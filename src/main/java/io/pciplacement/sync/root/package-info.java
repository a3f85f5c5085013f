/** Root providers of hosts and consumers. */
@NullMarked
package io.pciplacement.sync.root;

import org.jspecify.annotations.NullMarked;
