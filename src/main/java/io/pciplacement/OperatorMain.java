package io.pciplacement;

import io.pciplacement.operator.settings.OperatorSettings;
import io.pciplacement.webhook.certificate.CertificateBootstrap;
import io.pciplacement.webhook.certificate.CertificateSettings;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;

/** The operator's process: the webhook's certificate first, then all the rest. */
@QuarkusMain
public final class OperatorMain {

    private OperatorMain() {}

    public static void main(String... arguments) throws InterruptedException {
        // The webhook's key lies in a key store in memory, under a password that is no secret. To make that one slow to
        // guess cost more of the processor, at the start and at each look at the key's file, than all else that is done
        // when nothing happens.
        System.setProperty("keystore.pkcs12.keyPbeIterationCount", "1");
        if (System.getenv("PCI_WEBHOOK_CERTIFICATE_SECRET") != null) {
            SmallRyeConfig settings = new SmallRyeConfigBuilder()
                    .addDefaultSources()
                    .addDiscoveredConverters()
                    .withMapping(CertificateSettings.class)
                    .withMapping(OperatorSettings.class)
                    .withValidateUnknown(false)
                    .build();
            CertificateBootstrap.awaitCertificate(
                    settings.getConfigMapping(CertificateSettings.class),
                    settings.getConfigMapping(OperatorSettings.class).agentNamespace());
        }
        Quarkus.run(arguments);
    }
}
