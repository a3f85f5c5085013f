/** Sanitizing of text from external sources (hosts, users, Placement), formatting of numbers in messages, hashes. */
@NullMarked
package io.pciplacement.text;

import org.jspecify.annotations.NullMarked;
