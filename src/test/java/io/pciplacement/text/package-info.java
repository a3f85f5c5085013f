@NullMarked
package io.pciplacement.text;

import org.jspecify.annotations.NullMarked;
