/** Output of the commands: tables, trees, YAML and JSON, sanitized for terminals. */
@NullMarked
package io.pciplacement.cli.output;

import org.jspecify.annotations.NullMarked;
