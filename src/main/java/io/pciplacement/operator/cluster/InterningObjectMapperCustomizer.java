package io.pciplacement.operator.cluster;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.deser.std.StringDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.quarkus.kubernetes.client.KubernetesClientObjectMapperCustomizer;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the operator's client reads objects, of which thousands stay in its caches. What most of them say alike is kept
 * once: ids, drivers, addresses of devices, reasons, managers. Of {@code metadata.managedFields} only who manages
 * something is kept: what each of them manages is a map for every field of the object. Each of the two was more than
 * half of a fleet's memory.
 */
@Singleton
public final class InterningObjectMapperCustomizer implements KubernetesClientObjectMapperCustomizer {

    @Override
    public void customize(ObjectMapper mapper) {
        mapper.registerModule(new SimpleModule("lean objects")
                .addDeserializer(String.class, new Strings())
                .addDeserializer(ManagedFieldsEntry.class, new Managers()));
        mapper.addMixIn(ObjectMeta.class, ManagedFieldsAreRead.class);
    }

    /** An API server that is sent entries without fields would take them for managers of nothing. */
    private interface ManagedFieldsAreRead {
        @JsonProperty(value = "managedFields", access = JsonProperty.Access.WRITE_ONLY)
        List<ManagedFieldsEntry> getManagedFields();
    }

    /** What was read lately, so that the same is there once. Of a bounded size: what is seldom makes room. */
    private static final class RecentCache<T> {

        private final @Nullable Object[] kept;

        /** @param places how many are kept at most, a power of two */
        RecentCache(int places) {
            kept = new Object[places];
        }

        /** The one that equals this one and was read before, where that is known. */
        @SuppressWarnings("unchecked")
        T same(T read) {
            int hash = read.hashCode();
            int place = (hash ^ hash >>> 16) & (kept.length - 1);
            // Threads may see late what another has put here; then the same is there twice for a while.
            Object before = kept[place];
            if (before != null && read.equals(before)) {
                return (T) before;
            }
            kept[place] = read;
            return read;
        }
    }

    private static final class Strings extends StringDeserializer {

        private static final int LONGEST = 256;

        private final transient InterningObjectMapperCustomizer.RecentCache<String> lately =
                new InterningObjectMapperCustomizer.RecentCache<>(1 << 16);

        @Override
        public @Nullable String deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            String read = super.deserialize(parser, context);
            return read == null || read.length() > LONGEST ? read : lately.same(read);
        }
    }

    /** Reads of an entry of {@code managedFields} its manager. */
    private static final class Managers extends StdDeserializer<ManagedFieldsEntry> {

        private final transient InterningObjectMapperCustomizer.RecentCache<ManagedFieldsEntry> lately =
                new InterningObjectMapperCustomizer.RecentCache<>(1 << 8);

        Managers() {
            super(ManagedFieldsEntry.class);
        }

        @Override
        public ManagedFieldsEntry deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            ManagedFieldsEntry entry = new ManagedFieldsEntry();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean manager = parser.currentName().equals("manager");
                parser.nextToken();
                if (manager) {
                    entry.setManager(parser.getValueAsString());
                } else {
                    parser.skipChildren();
                }
            }
            return lately.same(entry);
        }
    }
}
