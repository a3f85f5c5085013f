package io.pciplacement.cli.error;

/** Exception that ends the command with a one-line error message and an exit code. */
public final class CliException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient ExitCode exitCode;

    public CliException(ExitCode exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    public ExitCode exitCode() {
        return exitCode;
    }
}
