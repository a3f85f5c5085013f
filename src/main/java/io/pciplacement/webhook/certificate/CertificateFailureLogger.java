package io.pciplacement.webhook.certificate;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What is in the way of a certificate: said once for as long as it is the same. */
final class CertificateFailureLogger {

    private final Consumer<String> say;
    private @Nullable String last;

    CertificateFailureLogger(Consumer<String> say) {
        this.say = say;
    }

    void is(String now) {
        if (!now.equals(last)) {
            last = now;
            say.accept(now);
        }
    }

    /** Nothing to tell where another operator was faster: what it wrote is seen at the next look. */
    void is(KubernetesClientException e) {
        if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
            is(String.valueOf(e.getMessage()));
        }
    }

    void isOver() {
        last = null;
    }
}
