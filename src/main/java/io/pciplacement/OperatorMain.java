package io.pciplacement;

import io.pciplacement.logging.StartFailureLog;
import io.pciplacement.operator.settings.OperatorSettings;
import io.pciplacement.webhook.certificate.CertificateBootstrap;
import io.pciplacement.webhook.certificate.CertificateSettings;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import org.jspecify.annotations.Nullable;

/** Entry point of the operator: obtains the webhook certificate, then starts Quarkus. */
@QuarkusMain
public final class OperatorMain {

    private OperatorMain() {}

    public static void main(String... arguments) throws InterruptedException {
        // The webhook's key is in an in-memory key store whose password is not secret. With the default iteration
        // count of the key derivation, the start and each check of the key file would use more processor time than
        // everything else an idle operator does.
        System.setProperty("keystore.pkcs12.keyPbeIterationCount", "1");
        if (System.getenv("PCI_WEBHOOK_CERTIFICATE_SECRET") != null) {
            try {
                awaitGeneratedCertificate();
            } catch (RuntimeException e) {
                StartFailureLog.print(e);
                System.exit(1);
            }
        }
        Quarkus.run(null, OperatorMain::exit, arguments);
    }

    private static void awaitGeneratedCertificate() throws InterruptedException {
        SmallRyeConfig settings = new SmallRyeConfigBuilder()
                .addDefaultSources()
                .addDiscoveredConverters()
                .withMapping(CertificateSettings.class)
                .withMapping(OperatorSettings.class)
                .withValidateUnknown(false)
                .build();
        CertificateBootstrap.awaitCertificate(
                settings.getConfigMapping(CertificateSettings.class),
                settings.getConfigMapping(OperatorSettings.class).namespace());
    }

    private static void exit(int status, @Nullable Throwable failure) {
        if (failure != null) {
            StartFailureLog.log(failure);
        }
        System.exit(status);
    }
}
