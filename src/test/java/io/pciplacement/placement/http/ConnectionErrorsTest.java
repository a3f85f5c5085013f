package io.pciplacement.placement.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.core.JsonParseException;
import io.pciplacement.placement.PlacementException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ConnectionErrorsTest {

    private static PlacementException toException(IOException e) {
        return ConnectionErrors.toException(
                "GET / of Placement at http://p", "clouds.yaml", ConnectionSettings.DEFAULT, e);
    }

    private static <T extends IOException> T withCause(T e, Throwable cause) {
        e.initCause(cause);
        return e;
    }

    static Stream<Arguments> errors() {
        return Stream.of(
                arguments(new HttpConnectTimeoutException("t"), "no connection within 5.0 s"),
                arguments(new HttpTimeoutException("t"), "no response within 60.0 s"),
                arguments(withCause(new ConnectException(), new UnresolvedAddressException()), "host not found"),
                arguments(new ConnectException(), "connection refused: is the service running?"),
                arguments(new ResponseTooLargeException("it is large"), "it is large: check that the URL"),
                arguments(new JsonParseException(null, "no value"), "unexpected response: no value"),
                arguments(
                        new IOException("outer", new IOException("reset by peer")), "connection failed: reset by peer"),
                arguments(new IOException("outer", new CertificateException("no TLS")), "connection failed: no TLS"),
                arguments(new IOException(), "connection failed: IOException"),
                arguments(
                        new SSLHandshakeException("closed during the handshake"), "connection failed: closed during"));
    }

    @ParameterizedTest
    @MethodSource("errors")
    void describesTheError(IOException error, String description) {
        assertThat(toException(error))
                .isInstanceOf(PlacementException.Unreachable.class)
                .hasMessageStartingWith("GET / of Placement at http://p: " + description)
                .hasMessageEndingWith("(clouds.yaml)");
    }

    /** A retry does not help, so it is a wrong configuration. */
    @Test
    void untrustedCertificateIsAConfigurationError() {
        assertThat(toException(withCause(new SSLHandshakeException("bad"), new CertificateException("unknown CA"))))
                .isInstanceOf(PlacementException.Misconfigured.class)
                .hasMessageContaining("not trusted (unknown CA): set cacert")
                .hasMessageEndingWith("for clouds.yaml");
    }
}
