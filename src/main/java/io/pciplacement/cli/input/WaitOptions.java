package io.pciplacement.cli.input;

import io.pciplacement.cli.error.ExitCode;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Option for the time to wait until the operator has carried out an edit. */
public final class WaitOptions {

    private static final Duration DEFAULT = Duration.ofSeconds(10);

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            converter = WaitDurationConverter.class,
            description = "how long to wait for the operator, such as 30s, 10m or 0; exit status 4 if it takes longer."
                    + " Default: 10s, and then the exit status is 0")
    @Nullable Duration requested;

    public Duration duration() {
        return Objects.requireNonNullElse(requested, DEFAULT);
    }

    /** The exit code of an edit that was written, but not carried out within the time. */
    public ExitCode timeoutExitCode() {
        return requested == null || requested.isZero() ? ExitCode.SUCCESS : ExitCode.UNRESOLVED;
    }
}
