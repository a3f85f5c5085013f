package io.pciplacement.webhook.certificate;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Logger of certificate failures that logs a repeated message only once. */
final class CertificateFailureLogger {

    private final Consumer<String> logger;
    private @Nullable String lastMessage;

    CertificateFailureLogger(Consumer<String> say) {
        this.logger = say;
    }

    void onFailure(String message) {
        if (!message.equals(lastMessage)) {
            lastMessage = message;
            logger.accept(message);
        }
    }

    /** A conflict is not logged: another operator has written the Secret, which is read at the next reconciliation. */
    void onFailure(KubernetesClientException e) {
        if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
            onFailure(String.valueOf(e.getMessage()));
        }
    }

    void onSuccess() {
        lastMessage = null;
    }
}
