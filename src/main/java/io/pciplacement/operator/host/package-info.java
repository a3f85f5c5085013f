/** Controller of HostPciInventories. */
@NullMarked
package io.pciplacement.operator.host;

import org.jspecify.annotations.NullMarked;
