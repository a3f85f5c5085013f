/** The command: what the operator would do and why, healing by hand, and what nobody explains. */
@NullMarked
package io.pciplacement.cli;

import org.jspecify.annotations.NullMarked;
