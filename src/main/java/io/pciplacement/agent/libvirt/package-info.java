/** Reader of the devices that libvirt has attached to the domains of the host. */
@NullMarked
package io.pciplacement.agent.libvirt;

import org.jspecify.annotations.NullMarked;
