/** Plans and explanations computed without a running operator. */
@NullMarked
package io.pciplacement.cli.plan;

import org.jspecify.annotations.NullMarked;
