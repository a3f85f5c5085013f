package io.pciplacement.placement.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Input stream that fails after a maximum number of bytes. Closing it does not close the body: parsers close early. */
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
        countBytes(value < 0 ? 0 : 1);
        return value;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int bytesRead = super.read(buffer, offset, length);
        countBytes(Math.max(0, bytesRead));
        return bytesRead;
    }

    private void countBytes(int more) throws ResponseTooLargeException {
        read += more;
        if (read > limit) {
            throw new ResponseTooLargeException("the response is larger than %d MiB".formatted(limit >> 20));
        }
    }

    /** Does nothing: closing the body before its end would close the connection. */
    @Override
    public void close() {}
}
