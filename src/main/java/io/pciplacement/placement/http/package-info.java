/** The port to Placement over HTTP: clouds.yaml, Keystone, microversion, errors, retries. */
@NullMarked
package io.pciplacement.placement.http;

import org.jspecify.annotations.NullMarked;
