/** What the HTTP clients of the project share: trusted CAs, and why a request got no response. */
@NullMarked
package io.pciplacement.connection;

import org.jspecify.annotations.NullMarked;
