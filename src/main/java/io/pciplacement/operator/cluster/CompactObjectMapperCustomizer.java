package io.pciplacement.operator.cluster;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.deser.std.DelegatingDeserializer;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.deser.std.StringDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.pciplacement.api.v1alpha1.DeviceStatus;
import io.pciplacement.memory.RecentValues;
import io.quarkus.kubernetes.client.KubernetesClientObjectMapperCustomizer;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Customizer of the client's ObjectMapper that reduces the memory of cached objects:
 *
 * <ul>
 *   <li>Equal strings (ids, drivers, addresses, reasons, field managers) and equal devices are shared: identical hosts
 *       have the same ones.
 *   <li>Of {@code metadata.managedFields} only the manager is read, because the managed fields are a map for every
 *       field of the object.
 *   <li>Of a Node only the metadata is read, without annotations. Its status alone has several kilobytes, above all the
 *       names of images.
 *   <li>Objects without unknown fields share the empty map of them.
 * </ul>
 */
@Singleton
public final class CompactObjectMapperCustomizer implements KubernetesClientObjectMapperCustomizer {

    private static final int SHARED_DEVICES = 1 << 12;

    @Override
    public void customize(ObjectMapper mapper) {
        mapper.registerModule(new SimpleModule("compact")
                .addDeserializer(String.class, new SharingStringDeserializer())
                .addDeserializer(ManagedFieldsEntry.class, new ManagerDeserializer())
                .setDeserializerModifier(new CompactingModifier()));
        mapper.addMixIn(ObjectMeta.class, ReadOnlyManagedFields.class);
        mapper.addMixIn(Node.class, MetadataOnly.class);
    }

    /** Not serialized: the API server would interpret entries without fields as managers of no fields. */
    private interface ReadOnlyManagedFields {
        @JsonProperty(value = "managedFields", access = JsonProperty.Access.WRITE_ONLY)
        List<ManagedFieldsEntry> getManagedFields();
    }

    @JsonIgnoreProperties({"spec", "status"})
    private interface MetadataOnly {}

    private static final class CompactingModifier extends BeanDeserializerModifier {

        private static final long serialVersionUID = 1L;

        @Override
        public JsonDeserializer<?> modifyDeserializer(
                DeserializationConfig config, BeanDescription bean, JsonDeserializer<?> deserializer) {
            Class<?> type = bean.getBeanClass();
            if (type == DeviceStatus.class || type == DeviceStatus.SriovStatus.class) {
                return new CompactingDeserializer(deserializer, new RecentValues<>(SHARED_DEVICES)::share);
            }
            return type == Condition.class || type == ObjectMeta.class || type == Node.class
                    ? new CompactingDeserializer(deserializer, CompactingModifier::compact)
                    : deserializer;
        }

        private static Object compact(Object read) {
            switch (read) {
                case Condition condition
                when condition.getAdditionalProperties().isEmpty() -> condition.setAdditionalProperties(Map.of());
                case ObjectMeta metadata
                when metadata.getAdditionalProperties().isEmpty() -> metadata.setAdditionalProperties(Map.of());
                case Node node -> {
                    node.setAdditionalProperties(Map.of());
                    node.getMetadata().setAnnotations(Map.of());
                }
                default -> {}
            }
            return read;
        }
    }

    private static final class CompactingDeserializer extends DelegatingDeserializer {

        private static final long serialVersionUID = 1L;

        private final transient UnaryOperator<Object> compaction;

        CompactingDeserializer(JsonDeserializer<?> delegate, UnaryOperator<Object> compaction) {
            super(delegate);
            this.compaction = compaction;
        }

        @Override
        protected JsonDeserializer<?> newDelegatingInstance(JsonDeserializer<?> delegate) {
            return new CompactingDeserializer(delegate, compaction);
        }

        @Override
        public @Nullable Object deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            Object read = super.deserialize(parser, context);
            return read == null ? null : compaction.apply(read);
        }
    }

    private static final class SharingStringDeserializer extends StringDeserializer {

        private static final int MAX_LENGTH = 256;

        private final transient RecentValues<String> values = new RecentValues<>(1 << 16);

        @Override
        public @Nullable String deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            String read = super.deserialize(parser, context);
            return read == null || read.length() > MAX_LENGTH ? read : values.share(read);
        }
    }

    /** Deserializer that reads only the manager of an entry of {@code managedFields}. */
    private static final class ManagerDeserializer extends StdDeserializer<ManagedFieldsEntry> {

        private final transient RecentValues<ManagedFieldsEntry> values = new RecentValues<>(1 << 8);

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
            return values.share(entry);
        }
    }
}
