/** What the lines of the log have besides their text. */
@NullMarked
package io.pciplacement.log;

import org.jspecify.annotations.NullMarked;
