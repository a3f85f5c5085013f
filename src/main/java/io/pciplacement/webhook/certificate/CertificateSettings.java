package io.pciplacement.webhook.certificate;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where the webhook's certificate is; each is an environment variable too, {@code PCI_WEBHOOK_CERTIFICATE_SECRET} for
 * {@code certificate.secret}.
 */
@ConfigMapping(prefix = "pci.webhook")
public interface CertificateSettings {

    /** The file that the webhook is served with. */
    @WithDefault("/etc/pci-placement-operator/tls/tls.crt")
    Path cert();

    CertificateSettings.SelfSigned certificate();

    /** Of a certificate that the operators make and renew themselves. */
    interface SelfSigned {

        /** The Secret that it is kept in, which must be there, if only empty; absent where somebody else renews it. */
        Optional<String> secret();

        /** The names and addresses by which the API server calls the webhook, with commas between them. */
        Optional<List<String>> hosts();

        /** The ValidatingWebhookConfiguration that tells the API server whom to trust; absent where it does not ask. */
        Optional<String> configuration();

        /** For how long one is made. Its last third is for renewing it. */
        @WithDefault("8760h")
        Duration lifetime();
    }
}
