package io.pciplacement.cli.command;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.input.ApiServerErrors;
import io.pciplacement.placement.PlacementException;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/** Prints the failure of a command in one line, and selects the exit status. */
public final class ErrorReporter {

    private ErrorReporter() {}

    /** Returns the exit status. */
    public static int report(Exception failure, PrintWriter err) {
        return switch (failure) {
            case CliException e -> print(err, e.getMessage(), e.exitCode());
            case PlacementException e -> print(err, e.getMessage(), ExitCode.UNAVAILABLE);
            case KubernetesClientException e -> print(err, ApiServerErrors.describe(e), ExitCode.UNAVAILABLE);
            default -> {
                err.println("error: internal error, please report it:");
                failure.printStackTrace(err);
                yield ExitCode.INTERNAL_ERROR.status();
            }
        };
    }

    private static int print(PrintWriter err, @Nullable String message, ExitCode exit) {
        err.println("error: " + message);
        return exit.status();
    }
}
