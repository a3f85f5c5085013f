/** Client of the Placement API: requests, responses, sessions and retries after token expiry. */
@NullMarked
package io.pciplacement.placement.client;

import org.jspecify.annotations.NullMarked;
