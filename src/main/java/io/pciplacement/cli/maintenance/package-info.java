/** Maintenance of hosts: edits of spec.quarantine and spec.drain, and the steps that retire a host. */
@NullMarked
package io.pciplacement.cli.maintenance;

import org.jspecify.annotations.NullMarked;
