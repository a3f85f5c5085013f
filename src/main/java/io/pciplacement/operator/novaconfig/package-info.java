/** Delivery of the configuration of nova-compute: one ConfigMap for each host in the reporting mode Nova. */
@NullMarked
package io.pciplacement.operator.novaconfig;

import org.jspecify.annotations.NullMarked;
