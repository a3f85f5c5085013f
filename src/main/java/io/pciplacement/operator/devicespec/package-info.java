/** Controller of PciDeviceSpecs. */
@NullMarked
package io.pciplacement.operator.devicespec;

import org.jspecify.annotations.NullMarked;
