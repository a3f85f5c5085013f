package io.pciplacement.operator;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pciplacement.api.v1alpha1.LeanMetadata;
import io.quarkus.kubernetes.client.KubernetesClientObjectMapperCustomizer;
import jakarta.inject.Singleton;

/** How the operator's client reads objects: thousands of them stay in its caches. */
@Singleton
public final class LeanObjects implements KubernetesClientObjectMapperCustomizer {

    @Override
    public void customize(ObjectMapper mapper) {
        LeanMetadata.configure(mapper);
    }
}
