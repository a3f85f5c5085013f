package io.pciplacement.webhook;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.CustomResource;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Check that an object has all fields that its Java types require: every component of a record that is not
 * {@link Nullable}. The API server guarantees this with the CRD; other clients of the webhook do not.
 */
final class RequiredFields {

    private RequiredFields() {}

    /** @throws IllegalArgumentException if a required field is missing */
    static void check(HasMetadata object) {
        if (object.getMetadata() == null || object.getMetadata().getName() == null) {
            throw new IllegalArgumentException("metadata.name is missing");
        }
        if (object instanceof CustomResource<?, ?> resource) {
            checkValue(resource.getSpec(), "spec");
            if (resource.getStatus() != null) {
                checkValue(resource.getStatus(), "status");
            }
        }
    }

    private static void checkValue(@Nullable Object value, String path) {
        switch (value) {
            case null -> throw new IllegalArgumentException(path + " is missing");
            case Record record -> {
                for (RecordComponent component : record.getClass().getRecordComponents()) {
                    Object field = readComponent(record, component);
                    if (field != null || !component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
                        checkValue(field, path + "." + component.getName());
                    }
                }
            }
            case List<?> list -> list.forEach(item -> checkValue(item, path + "[]"));
            case Map<?, ?> map -> map.values().forEach(item -> checkValue(item, path + "{}"));
            default -> {}
        }
    }

    private static @Nullable Object readComponent(Record record, RecordComponent component) {
        try {
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot read " + component, e);
        }
    }
}
