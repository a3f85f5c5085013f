package io.pciplacement.planning.allocation;

/** One device that was chosen, and the name of the wish that it is for. */
public record Grant(String wish, DeviceAt device) {}
