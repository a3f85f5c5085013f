package io.pciplacement.webhook.certificate;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

/** The Secret that all operators share their certificate by. */
final class CertificateSecret {

    private final KubernetesClient client;
    private final String namespace;
    private final String name;

    CertificateSecret(KubernetesClient client, String namespace, String name) {
        this.client = client;
        this.namespace = namespace;
        this.name = name;
    }

    Resource<Secret> resource() {
        return client.secrets().inNamespace(namespace).withName(name);
    }

    StoredCertificates read(Secret secret) {
        Map<String, String> data = new HashMap<>();
        if (secret.getData() != null) {
            secret.getData()
                    .forEach((key, value) ->
                            data.put(key, new String(Base64.getDecoder().decode(value), StandardCharsets.US_ASCII)));
        }
        return StoredCertificates.of(data);
    }

    /**
     * Puts them into the Secret as it was found.
     *
     * @throws io.fabric8.kubernetes.client.KubernetesClientException 409 if another operator was faster
     */
    void write(Secret found, StoredCertificates certificates) {
        Secret changed = new SecretBuilder(found)
                .withData(null)
                .withStringData(certificates.data())
                .build();
        client.resource(changed)
                .lockResourceVersion(found.getMetadata().getResourceVersion())
                .update();
    }

    @Override
    public String toString() {
        return "Secret %s/%s".formatted(namespace, name);
    }
}
