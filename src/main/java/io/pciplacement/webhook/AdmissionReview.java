package io.pciplacement.webhook;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * The part of an AdmissionReview that decisions need.
 *
 * @param object the object to store, reduced by {@link AdmissionReviewReader}; a missing node on DELETE
 * @param oldObject the stored object, reduced likewise; a missing node on CREATE
 */
record AdmissionReview(String uid, String group, String kind, JsonNode object, JsonNode oldObject) {}
