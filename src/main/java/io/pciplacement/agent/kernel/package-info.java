/** Uevents of the kernel, and the scans that they trigger. */
@NullMarked
package io.pciplacement.agent.kernel;

import org.jspecify.annotations.NullMarked;
