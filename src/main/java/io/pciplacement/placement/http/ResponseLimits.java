package io.pciplacement.placement.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * Limits of the responses of Placement and Keystone. These services are trusted, but may be broken or misconfigured.
 * With these limits several concurrent responses of any content fit into the operator's heap.
 */
public final class ResponseLimits {

    /** Maximum size of a body: a listing of 100,000 providers has 90 MB, nine tenths of it links. */
    static final long MAX_BODY_BYTES = 128L << 20;

    /** Maximum number of remaining bytes that are read so that the connection can be reused. */
    static final long MAX_DRAINED_BYTES = 1L << 20;

    /** Maximum number of providers of a listing. */
    public static final int MAX_PROVIDERS = 150_000;

    /** Maximum number of resource classes or traits of a listing. */
    public static final int MAX_NAMES = 100_000;

    /** Placement allows names of up to 255 characters. */
    private static final int MAX_NAME_LENGTH = 512;

    /** Factory of streaming parsers for listings, of which only a small part is kept. */
    public static final JsonFactory STREAMING_FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(32)
                    .maxNameLength(MAX_NAME_LENGTH)
                    .maxStringLength(MAX_NAME_LENGTH)
                    .maxNumberLength(100)
                    .build())
            .build();

    /** Mapper for responses about one object, parsed to a tree of up to a hundred bytes per token. */
    public static final JsonMapper TREE_MAPPER = new JsonMapper(JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(32)
                    .maxNameLength(MAX_NAME_LENGTH)
                    .maxStringLength(64 << 10)
                    .maxNumberLength(100)
                    .maxDocumentLength(4L << 20)
                    .maxTokenCount(100_000)
                    .build())
            .build());

    private ResponseLimits() {}
}
