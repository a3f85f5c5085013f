package io.pciplacement.webhook.certificate;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

/** The Secret with the certificate that all replicas of the operator share. */
final class CertificateSecret {

    private final KubernetesClient client;
    private final String namespace;
    private final String name;

    CertificateSecret(KubernetesClient client, String namespace, String name) {
        this.client = client;
        this.namespace = namespace;
        this.name = name;
    }

    Resource<Secret> secretResource() {
        return client.secrets().inNamespace(namespace).withName(name);
    }

    StoredCertificates readCertificates(Secret secret) {
        Map<String, String> data = new HashMap<>();
        if (secret.getData() != null) {
            secret.getData()
                    .forEach((key, value) ->
                            data.put(key, new String(Base64.getDecoder().decode(value), StandardCharsets.US_ASCII)));
        }
        return StoredCertificates.parseData(data);
    }

    /**
     * Replaces the certificates in the Secret.
     *
     * @throws io.fabric8.kubernetes.client.KubernetesClientException with code 409 if another replica has changed the
     *     Secret
     */
    void writeCertificates(Secret found, StoredCertificates certificates) {
        Secret updated = new SecretBuilder(found)
                .withData(null)
                .withStringData(certificates.toSecretData())
                .build();
        client.resource(updated)
                .lockResourceVersion(found.getMetadata().getResourceVersion())
                .update();
    }

    @Override
    public String toString() {
        return "Secret %s/%s".formatted(namespace, name);
    }
}
