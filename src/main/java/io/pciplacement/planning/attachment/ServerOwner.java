package io.pciplacement.planning.attachment;

/** Project and user of a server. */
public record ServerOwner(String projectId, String userId) {}
