package io.pciplacement.sync.root;

import io.pciplacement.api.v1alpha1.ConditionReason;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/** Why no provider in Placement can be used as the root provider of a host. */
public sealed interface RootProviderProblem {

    String REMEDY =
            "Start the host's nova-compute, set spec.rootProvider.name to the right name, or set spec.rootProvider.create: true if no compute service runs there.";

    /** The reason for conditions. */
    ConditionReason reason();

    /** Where the host's existing providers are, as a sentence; empty if it has none. */
    default String providersMessage() {
        return "";
    }

    /** What is wrong and what to do, in complete sentences. */
    String message();

    /** No provider has the name. */
    record Missing(String name) implements RootProviderProblem {
        @Override
        public ConditionReason reason() {
            return ConditionReason.ROOT_PROVIDER_NOT_FOUND;
        }

        @Override
        public String message() {
            return "Placement has no resource provider named '%s' to represent this host. %s".formatted(name, REMEDY);
        }
    }

    /** The previous root provider was renamed, and no other provider has its name. */
    record Renamed(String name, UUID uuid, String now) implements RootProviderProblem {
        @Override
        public ConditionReason reason() {
            return ConditionReason.ROOT_PROVIDER_NOT_FOUND;
        }

        @Override
        public String message() {
            return "Placement no longer has a resource provider named '%s': %s, which represents this host, is now named '%s'. Nothing is written. Restore its old name, or delete it and all providers below it once none of them is in use."
                    .formatted(name, uuid, now);
        }

        @Override
        public String providersMessage() {
            return "This provider is below %s (%s), which was named '%s' when it was created."
                    .formatted(now, uuid, name);
        }
    }

    /**
     * Another provider has the name now; the host's device providers are below the previous one.
     *
     * @param before the root providers of the existing device providers, each as name and UUID
     */
    record Replaced(String name, UUID uuid, Collection<String> before) implements RootProviderProblem {

        public Replaced {
            before = List.copyOf(before);
        }

        @Override
        public ConditionReason reason() {
            return ConditionReason.ROOT_PROVIDER_REPLACED;
        }

        @Override
        public String message() {
            return "Resource provider '%s' has been replaced: it is now %s, but this host's devices are below %s. Nothing is written. Move or delete the consumers of the old providers and delete these providers; the devices are then created below the new one. Or restore the old provider's name."
                    .formatted(name, uuid, String.join(", ", before));
        }

        @Override
        public String providersMessage() {
            return "This provider is below %s, not below the current root provider '%s' (%s)."
                    .formatted(String.join(", ", before), name, uuid);
        }
    }

    /** The provider of that name is a child of another one, like a device provider. */
    record Nested(String name, UUID uuid, UUID parent) implements RootProviderProblem {
        @Override
        public ConditionReason reason() {
            return ConditionReason.ROOT_PROVIDER_NESTED;
        }

        @Override
        public String message() {
            return "Resource provider '%s' (%s) is a child of %s and therefore not a root provider. Set spec.rootProvider.name to the name of the host's root provider."
                    .formatted(name, uuid, parent);
        }
    }
}
