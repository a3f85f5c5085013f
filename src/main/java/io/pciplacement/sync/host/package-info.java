/** Synchronization of one host: plan, execution and their records. */
@NullMarked
package io.pciplacement.sync.host;

import org.jspecify.annotations.NullMarked;
