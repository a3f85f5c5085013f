package io.pciplacement.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.List;

/**
 * Of {@code metadata.managedFields} only who manages something is kept. What each of them manages is a map for every
 * field of the object, and of a fleet in the caches it would be most of the memory.
 */
public final class LeanMetadata {

    private LeanMetadata() {}

    /** Makes a client that reads with this read so. */
    public static void configure(ObjectMapper mapper) {
        mapper.addMixIn(ManagedFieldsEntry.class, WithoutFields.class);
        mapper.addMixIn(ObjectMeta.class, ManagedFieldsAreRead.class);
    }

    @JsonIgnoreProperties("fieldsV1")
    private interface WithoutFields {}

    /** An API server that is sent entries without fields would take them for managers of nothing. */
    private interface ManagedFieldsAreRead {
        @JsonProperty(value = "managedFields", access = JsonProperty.Access.WRITE_ONLY)
        List<ManagedFieldsEntry> getManagedFields();
    }
}
