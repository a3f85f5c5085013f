package io.pciplacement.placement.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class SingleFlightTest {

    private static final int THREADS = 8;

    @AutoClose("shutdownNow")
    private final ExecutorService pool = Executors.newFixedThreadPool(THREADS);

    private final SingleFlight<String> values = new SingleFlight<>();
    private final AtomicInteger created = new AtomicInteger();

    private String getOrCreate(Function<String, String> create) {
        return values.getOrCreate(value -> !value.startsWith("expired"), before -> {
            created.incrementAndGet();
            return create.apply(before);
        });
    }

    @Test
    void createsTheNextValueFromThePreviousOne() {
        assertThat(values.current()).isNull();
        assertThat(getOrCreate(before -> "expired after " + before)).isEqualTo("expired after null");
        assertThat(getOrCreate(before -> "valid, was " + before)).isEqualTo("valid, was expired after null");
        assertThat(getOrCreate(before -> "unused")).isEqualTo("valid, was expired after null");
        assertThat(values.current()).isEqualTo("valid, was expired after null");
        assertThat(created).hasValue(2);
    }

    @Test
    void failureKeepsThePreviousValue() {
        getOrCreate(before -> "expired");
        assertThatThrownBy(() -> getOrCreate(before -> {
                    throw new IllegalStateException("refused");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("refused");
        assertThat(values.current()).isEqualTo("expired");
        assertThat(getOrCreate(before -> "valid, was " + before)).isEqualTo("valid, was expired");
    }

    private List<Future<String>> startThreads(CountDownLatch end, Function<String, String> create) {
        List<Future<String>> results = new ArrayList<>();
        AtomicInteger started = new AtomicInteger();
        for (int i = 0; i < THREADS; i++) {
            results.add(pool.submit(() -> {
                started.incrementAndGet();
                return getOrCreate(before -> {
                    awaitLatch(end);
                    return create.apply(before);
                });
            }));
        }
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> started.get() == THREADS && created.get() == 1);
        return results;
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void concurrentThreadsShareOneValue() throws InterruptedException, ExecutionException, TimeoutException {
        CountDownLatch end = new CountDownLatch(1);
        List<Future<String>> results = startThreads(end, before -> "valid");
        end.countDown();
        for (Future<String> result : results) {
            assertThat(result.get(30, TimeUnit.SECONDS)).isEqualTo("valid");
        }
        assertThat(created).hasValue(1);
    }
}
