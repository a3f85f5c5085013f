package io.pciplacement.agent.publish;

import io.pciplacement.text.Sha256;

/** Hash of a published list. */
final class ContentHash {

    private ContentHash() {}

    /** Returns {@code sha256:} and the hash of the text in UTF-8, in hexadecimal. */
    static String sha256(String text) {
        return "sha256:" + Sha256.hexOf(text);
    }
}
