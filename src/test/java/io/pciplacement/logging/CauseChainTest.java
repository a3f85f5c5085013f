package io.pciplacement.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class CauseChainTest {

    @Test
    void messagesThatRepeatTheCauseAreLeftOut() {
        Throwable connection = new ConnectException("Connection refused: /127.0.0.1:6443")
                .initCause(new ConnectException("Connection refused"));
        CauseChain chain = new CauseChain(new RuntimeException(
                "Failed to start", new ExecutionException(new IllegalStateException("no informer", connection))));
        assertThat(chain.messages()).isEqualTo("Failed to start: no informer: Connection refused: /127.0.0.1:6443");
        assertThat(chain.findFailedRequest()).contains("Connection refused: /127.0.0.1:6443");
        assertThat(chain.isExternal()).isTrue();
    }

    @Test
    void missingFileIsExternal() {
        CauseChain chain = new CauseChain(new IllegalStateException(
                "no certificate", new UncheckedIOException("cannot read a", new NoSuchFileException("/tls/tls.crt"))));
        assertThat(chain.messages()).isEqualTo("no certificate: cannot read a: /tls/tls.crt");
        assertThat(chain.isExternal()).isTrue();
        assertThat(chain.findFailedRequest()).isEmpty();
    }

    @Test
    void chainWithoutMessagesIsItsLastCause() {
        CauseChain chain = new CauseChain(new RuntimeException((String) null, new NullPointerException()));
        assertThat(chain.messages()).isEqualTo("java.lang.NullPointerException");
        assertThat(chain.isExternal()).isFalse();
    }
}
