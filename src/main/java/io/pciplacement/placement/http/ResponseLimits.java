package io.pciplacement.placement.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * Limits of the answers of Placement and Keystone, which are trusted but may be broken, or not be what answers. With
 * them several answers at the same time fit into the operator's heap, whatever they contain.
 */
public final class ResponseLimits {

    /** Of any body, in bytes: a listing of 100,000 providers, nine tenths of it links, has 90 MB. */
    static final long BODY = 128L << 20;

    /** Of what is read, in bytes, after the part that was wanted, so that the connection can be kept. */
    static final long REST = 1L << 20;

    public static final int PROVIDERS = 150_000;

    /** Of resource classes and traits. */
    public static final int NAMES = 100_000;

    /** Placement itself takes names of up to 255 characters. */
    private static final int NAME = 512;

    /** For listings, of which little is kept. */
    public static final JsonFactory STREAMS = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(32)
                    .maxNameLength(NAME)
                    .maxStringLength(NAME)
                    .maxNumberLength(100)
                    .build())
            .build();

    /** For answers about one thing, which become a tree of up to a hundred bytes per token. */
    public static final JsonMapper TREES = new JsonMapper(JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(32)
                    .maxNameLength(NAME)
                    .maxStringLength(64 << 10)
                    .maxNumberLength(100)
                    .maxDocumentLength(4L << 20)
                    .maxTokenCount(100_000)
                    .build())
            .build());

    private ResponseLimits() {}
}
