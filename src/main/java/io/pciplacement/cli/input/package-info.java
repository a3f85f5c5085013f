/** Input of the commands: objects of a cluster or of manifests, and the connection to Placement. */
@NullMarked
package io.pciplacement.cli.input;

import org.jspecify.annotations.NullMarked;
