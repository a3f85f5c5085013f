package io.pciplacement.cli;

/** Why the command cannot go on: one line for a person, and the exit status. */
final class Failure extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient Exit exit;

    Failure(Exit exit, String message) {
        super(message);
        this.exit = exit;
    }

    Exit exit() {
        return exit;
    }
}
