package io.pciplacement.planning.claim;

import io.pciplacement.planning.allocation.DeviceRef;

/** Device that is assigned to a request. */
public record DeviceAssignment(String requestName, DeviceRef device) {}
