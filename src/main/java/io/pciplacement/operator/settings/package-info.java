/** Settings of the operator, from its environment. */
@NullMarked
package io.pciplacement.operator.settings;

import org.jspecify.annotations.NullMarked;
