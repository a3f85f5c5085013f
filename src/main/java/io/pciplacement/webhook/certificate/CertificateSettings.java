package io.pciplacement.webhook.certificate;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Settings of the webhook's certificate. Each can be set as an environment variable,
 * {@code PCI_WEBHOOK_CERTIFICATE_SECRET} for {@code certificate.secret}.
 */
@ConfigMapping(prefix = "pci.webhook")
public interface CertificateSettings {

    /** The file with the certificate and key of the webhook's server. */
    @WithDefault("/etc/pci-placement-operator/tls/tls.crt")
    Path cert();

    SelfSigned certificate();

    /** Settings of a certificate that the operator creates and renews itself. */
    interface SelfSigned {

        /**
         * The Secret that stores it; it must exist but may be empty. Absent if the certificate is managed externally.
         */
        Optional<String> secret();

        /** The host names and addresses by which the API server calls the webhook, separated by commas. */
        Optional<List<String>> hosts();

        /** The ValidatingWebhookConfiguration whose caBundle is updated; absent if no webhook is configured. */
        Optional<String> configuration();

        /** Validity of the certificate. It is renewed in the last third. */
        @WithDefault("8760h")
        Duration lifetime();
    }
}
