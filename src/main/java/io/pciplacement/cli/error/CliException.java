package io.pciplacement.cli.error;

/** Why the command cannot go on: one line for a person, and the exit status. */
public final class CliException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient ExitCode exit;

    public CliException(ExitCode exit, String message) {
        super(message);
        this.exit = exit;
    }

    public ExitCode exit() {
        return exit;
    }
}
