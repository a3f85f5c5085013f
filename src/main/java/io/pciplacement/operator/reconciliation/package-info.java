/** Guard of every reconciliation: errors become conditions, and calls that do not return are detected. */
@NullMarked
package io.pciplacement.operator.reconciliation;

import org.jspecify.annotations.NullMarked;
