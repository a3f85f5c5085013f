/** Sanitizing of text from external sources (hosts, users, Placement). */
@NullMarked
package io.pciplacement.text;

import org.jspecify.annotations.NullMarked;
