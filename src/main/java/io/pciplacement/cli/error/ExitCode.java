package io.pciplacement.cli.error;

/** What the command's exit status tells a script; docs/pci.md and the help list them. */
public enum ExitCode {
    DONE(0, "nothing was left to do, or all of it is done"),
    DEFECT(1, "a defect of this program"),
    USAGE(2, "the command line, or a file it names, is wrong"),
    CHANGES(3, "something would be changed, or was found"),
    LEFT(4, "something is left as it is for a reason that is said"),
    UNREACHABLE(5, "the cluster or Placement cannot be used"),
    ROLLED_BACK(6, "an update failed, and what was done for that consumer before is taken back"),
    BROKEN(7, "an update failed, and what was done before could not be taken back: see what is said");

    public final int status;
    public final String meaning;

    ExitCode(int status, String meaning) {
        this.status = status;
        this.meaning = meaning;
    }

    /** The graver of two. */
    public ExitCode or(ExitCode other) {
        return status < other.status ? other : this;
    }

    public int status() {
        return status;
    }
}
