package io.pciplacement.planning.claim;

import io.pciplacement.planning.allocation.DeviceRef;

/** One device that was chosen, and the name of the wish that it is for. */
public record DeviceAssignment(String wish, DeviceRef device) {}
