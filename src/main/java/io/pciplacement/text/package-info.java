/** Text from outside the program (hosts, editors, Placement), made safe to print. */
@NullMarked
package io.pciplacement.text;

import org.jspecify.annotations.NullMarked;
