package io.pciplacement.operator.leader;

/** A write was rejected because this process is not the leader; nothing was sent. */
public final class NotLeadingException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public NotLeadingException() {
        super("not the leader: write rejected");
    }
}
