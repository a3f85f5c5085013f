/** HTTP transport to OpenStack services: deadlines, bounded bodies and connection errors. */
@NullMarked
package io.pciplacement.placement.http;

import org.jspecify.annotations.NullMarked;
