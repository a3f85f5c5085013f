package io.pciplacement.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import org.jspecify.annotations.Nullable;

/**
 * Creation, update or deletion of an object.
 *
 * @param before null if the object is created
 * @param after null if the object is deleted
 */
record ObjectChange<T extends HasMetadata>(
        @Nullable T before, @Nullable T after) {

    /**
     * Converts the objects of a review.
     *
     * @throws UnreadableReviewException if the CRD does not allow one of them
     */
    static <T extends HasMetadata> ObjectChange<T> convert(
            AdmissionReview review, Class<T> type, KubernetesSerialization serialization)
            throws UnreadableReviewException {
        return new ObjectChange<>(
                convertObject(review.oldObject(), type, serialization),
                convertObject(review.object(), type, serialization));
    }

    private static <T extends HasMetadata> @Nullable T convertObject(
            JsonNode object, Class<T> type, KubernetesSerialization serialization) throws UnreadableReviewException {
        if (!object.isObject()) {
            return null;
        }
        try {
            T converted = serialization.convertValue(object, type);
            RequiredFields.check(converted);
            return converted;
        } catch (IllegalArgumentException e) {
            throw new UnreadableReviewException("the object is not a valid %s".formatted(type.getSimpleName()));
        }
    }

    /** Whether the object is deleted now, or was deleted and waits for the removal of a finalizer. */
    boolean isDeletion() {
        return after == null || after.getMetadata().getDeletionTimestamp() != null;
    }

    /** The name of the object. */
    String name() {
        HasMetadata known = after != null ? after : before;
        return known == null ? "" : known.getMetadata().getName();
    }
}
