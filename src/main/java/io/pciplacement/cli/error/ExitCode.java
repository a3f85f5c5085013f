package io.pciplacement.cli.error;

/** Exit codes of the command; docs/pci.md and the usage help list them. */
public enum ExitCode {
    SUCCESS(0, "nothing had to be done, or everything was done"),
    INTERNAL_ERROR(1, "an internal error of the command"),
    USAGE(2, "the command line, or a file that it names, is invalid"),
    CHANGES_FOUND(3, "there are changes to make, or findings"),
    UNRESOLVED(4, "something was skipped or is not complete, and the output says why"),
    UNAVAILABLE(5, "the cluster or Placement is not available"),
    ROLLED_BACK(6, "an update failed, and the preceding updates of that consumer were rolled back"),
    ROLLBACK_FAILED(
            7, "an update failed, and the preceding updates could not be rolled back; the output says what remains");

    public final int status;
    public final String meaning;

    ExitCode(int status, String meaning) {
        this.status = status;
        this.meaning = meaning;
    }

    /** The more severe of the two codes. */
    public ExitCode mostSevere(ExitCode other) {
        return status < other.status ? other : this;
    }

    public int status() {
        return status;
    }
}
