package io.pciplacement.operator;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.quarkus.kubernetes.client.KubernetesClientObjectMapperCustomizer;
import jakarta.inject.Singleton;
import java.util.List;

/**
 * How the operator's client reads objects, of which thousands stay in its caches. Of {@code metadata.managedFields}
 * only who manages something is kept: what each of them manages is a map for every field of the object, and was more
 * than half of a fleet's memory.
 */
@Singleton
public final class LeanObjects implements KubernetesClientObjectMapperCustomizer {

    @Override
    public void customize(ObjectMapper mapper) {
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
