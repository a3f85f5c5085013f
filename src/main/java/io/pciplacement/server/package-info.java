/** HTTP server for probes and metrics, and the limit on connections that the webhook's server uses too. */
@NullMarked
package io.pciplacement.server;

import org.jspecify.annotations.NullMarked;
