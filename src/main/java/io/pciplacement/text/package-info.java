/** Sanitizing of text from external sources (hosts, users, Placement), and formatting of numbers in messages. */
@NullMarked
package io.pciplacement.text;

import org.jspecify.annotations.NullMarked;
