package io.pciplacement.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.pciplacement.connection.ConnectionFailure.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.security.InvalidKeyException;
import java.security.cert.CertificateException;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ConnectionFailureTest {

    private static <T extends Exception> T withCause(T e, Throwable cause) {
        e.initCause(cause);
        return e;
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                arguments(new HttpConnectTimeoutException("timed out"), Kind.CONNECT_TIMEOUT, "timed out"),
                arguments(new HttpTimeoutException("timed out"), Kind.RESPONSE_TIMEOUT, "timed out"),
                arguments(
                        withCause(new ConnectException(), new UnresolvedAddressException()),
                        Kind.HOST_NOT_FOUND,
                        "UnresolvedAddressException"),
                arguments(
                        withCause(new ConnectException(), new ClosedChannelException()),
                        Kind.CONNECTION_REFUSED,
                        "ClosedChannelException"),
                arguments(new ConnectException("Connection refused"), Kind.CONNECTION_REFUSED, "Connection refused"),
                arguments(
                        withCause(new ConnectException("Network is unreachable"), new ClosedChannelException()),
                        Kind.OTHER,
                        "Network is unreachable"),
                arguments(
                        withCause(new SSLHandshakeException("handshake"), new CertificateException("unknown CA")),
                        Kind.UNTRUSTED_SERVER,
                        "unknown CA"),
                arguments(new SSLHandshakeException("closed"), Kind.OTHER, "closed"),
                arguments(
                        new IOException("wrapped", new InvalidKeyException("bad key")),
                        Kind.INVALID_CERTIFICATE_OR_KEY,
                        "bad key"),
                arguments(
                        new UncheckedIOException(new HttpTimeoutException("timed out")),
                        Kind.RESPONSE_TIMEOUT,
                        "timed out"),
                arguments(new IOException(), Kind.OTHER, "IOException"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void classifiesTheException(Exception e, Kind kind, String message) {
        assertThat(ConnectionFailure.of(e)).isEqualTo(new ConnectionFailure(kind, message));
    }

    @Test
    void endsWithCyclesOfCauses() {
        IOException outer = new IOException("outer");
        outer.initCause(new IOException("inner", outer));
        assertThat(ConnectionFailure.of(outer).message()).isEqualTo("inner");
    }
}
