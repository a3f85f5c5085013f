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
 * Customizer of the client's ObjectMapper that reduces the memory of cached objects. Equal strings (ids, drivers,
 * addresses, reasons, field managers) are interned. Of {@code metadata.managedFields} only the manager is read, because
 * the managed fields are a map for every field of the object. Each of the two used more than half of a fleet's memory.
 */
@Singleton
public final class InterningObjectMapperCustomizer implements KubernetesClientObjectMapperCustomizer {

    @Override
    public void customize(ObjectMapper mapper) {
        mapper.registerModule(new SimpleModule("interning")
                .addDeserializer(String.class, new InterningStringDeserializer())
                .addDeserializer(ManagedFieldsEntry.class, new ManagerDeserializer()));
        mapper.addMixIn(ObjectMeta.class, ReadOnlyManagedFields.class);
    }

    /** Not serialized: the API server would interpret entries without fields as managers of no fields. */
    private interface ReadOnlyManagedFields {
        @JsonProperty(value = "managedFields", access = JsonProperty.Access.WRITE_ONLY)
        List<ManagedFieldsEntry> getManagedFields();
    }

    /** Bounded cache of recently read values; a new value replaces an older one in the same slot. */
    private static final class RecentCache<T> {

        private final @Nullable Object[] values;

        /** @param slots maximum number of values, a power of two */
        RecentCache(int slots) {
            values = new Object[slots];
        }

        /** An equal value that was read before, if it is in the cache; otherwise the value itself. */
        @SuppressWarnings("unchecked")
        T intern(T read) {
            int hash = read.hashCode();
            int slot = (hash ^ hash >>> 16) & (values.length - 1);
            // Without synchronization: a thread may see the value of another late; then there are two copies for a
            // while.
            Object cached = values[slot];
            if (cached != null && read.equals(cached)) {
                return (T) cached;
            }
            values[slot] = read;
            return read;
        }
    }

    private static final class InterningStringDeserializer extends StringDeserializer {

        private static final int MAX_LENGTH = 256;

        private final transient RecentCache<String> cache = new RecentCache<>(1 << 16);

        @Override
        public @Nullable String deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            String read = super.deserialize(parser, context);
            return read == null || read.length() > MAX_LENGTH ? read : cache.intern(read);
        }
    }

    /** Deserializer that reads only the manager of an entry of {@code managedFields}. */
    private static final class ManagerDeserializer extends StdDeserializer<ManagedFieldsEntry> {

        private final transient RecentCache<ManagedFieldsEntry> cache = new RecentCache<>(1 << 8);

        ManagerDeserializer() {
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
            return cache.intern(entry);
        }
    }
}
