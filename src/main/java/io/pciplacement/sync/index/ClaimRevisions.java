package io.pciplacement.sync.index;

/**
 * Numbers of changes after which a pending claim may succeed.
 *
 * @param capacity how often a device may have become free
 * @param claims how often capacity that is reserved for older claims may have been given up
 */
public record ClaimRevisions(long capacity, long claims) {}
