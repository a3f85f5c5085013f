/** Errors of the command and its exit codes. */
@NullMarked
package io.pciplacement.cli.error;

import org.jspecify.annotations.NullMarked;
