package io.pciplacement.placement.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Stream of a body that fails beyond a number of bytes. It leaves the body open: parsers close what they have read. */
final class LimitedBody extends FilterInputStream {

    private final long limit;
    private long read;

    LimitedBody(InputStream body, long limit) {
        super(body);
        this.limit = limit;
    }

    @Override
    public int read() throws IOException {
        int value = super.read();
        count(value < 0 ? 0 : 1);
        return value;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int count = super.read(buffer, offset, length);
        count(Math.max(0, count));
        return count;
    }

    private void count(int more) throws ResponseTooLargeException {
        read += more;
        if (read > limit) {
            throw new ResponseTooLargeException("the answer is larger than %d MiB".formatted(limit >> 20));
        }
    }

    /** What is open stays so: the connection would be lost before the body's end. */
    @Override
    public void close() {}
}
