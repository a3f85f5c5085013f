package io.pciplacement.cli.input;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.pciplacement.connection.ConnectionFailure;

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
                .formatted(Config.autoConfigure(null).getMasterUrl(), describe(ConnectionFailure.of(e)));
    }

    private static String describe(ConnectionFailure failure) {
        return switch (failure.kind()) {
            case CONNECT_TIMEOUT -> "no connection in time";
            case RESPONSE_TIMEOUT -> "no response in time";
            case HOST_NOT_FOUND -> "host not found";
            case CONNECTION_REFUSED -> "connection refused";
            case UNTRUSTED_SERVER ->
                "its certificate is not one of the CA in the kubeconfig (%s)".formatted(failure.message());
            case INVALID_CERTIFICATE_OR_KEY ->
                "a certificate or key in the kubeconfig is invalid (%s)".formatted(failure.message());
            case OTHER -> failure.message();
        };
    }
}
