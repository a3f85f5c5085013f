package io.pciplacement.cli.input;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Describes failures of requests to the cluster. */
public final class ApiServerErrors {

    private ApiServerErrors() {}

    /** Returns one line: what is wrong, and what to do. */
    public static String describe(KubernetesClientException e) {
        if (e.getCode() == 404) {
            return "the CRDs of the operator are not installed in the cluster (%s): install the chart, or apply deploy/crds"
                    .formatted(e.getMessage());
        }
        if (e.getStatus() != null && e.getStatus().getMessage() != null) {
            return "the API server rejected the request: %s. Check the user in KUBECONFIG."
                    .formatted(e.getStatus().getMessage());
        }
        return "the API server at %s is not reachable: %s. Check KUBECONFIG."
                .formatted(Config.autoConfigure(null).getMasterUrl(), describeCause(causesOf(e)));
    }

    private static List<Throwable> causesOf(Throwable e) {
        List<Throwable> causes = new ArrayList<>();
        for (@Nullable Throwable cause = e; cause != null && !causes.contains(cause); cause = cause.getCause()) {
            causes.add(cause);
        }
        return causes;
    }

    private static String describeCause(List<Throwable> causes) {
        for (Throwable cause : causes) {
            switch (cause) {
                case HttpConnectTimeoutException _ -> {
                    return "no connection in time";
                }
                case HttpTimeoutException _ -> {
                    return "no response in time";
                }
                case ConnectException refused
                when causes.getLast() instanceof UnresolvedAddressException -> {
                    return "host not found";
                }
                case ConnectException refused -> {
                    return refused.getMessage() == null ? "connection refused" : refused.getMessage();
                }
                case SSLException ssl
                when causes.getLast() instanceof GeneralSecurityException -> {
                    return "its certificate is not one of the CA in the kubeconfig (%s)".formatted(messageOf(ssl));
                }
                case GeneralSecurityException security -> {
                    return "a certificate or key in the kubeconfig is invalid (%s)".formatted(messageOf(security));
                }
                default -> {
                    // wraps another one
                }
            }
        }
        return messageOf(causes.getLast());
    }

    private static String messageOf(Throwable thrown) {
        return thrown.getMessage() == null ? thrown.getClass().getSimpleName() : thrown.getMessage();
    }
}
