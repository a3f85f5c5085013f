package io.pciplacement.sync.root;

import io.pciplacement.api.v1alpha1.ConditionReason;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/** Why no provider in Placement can be used as the root provider of a host. */
public sealed interface RootProviderProblem {

    String REMEDY =
            "Start the host's nova-compute, set spec.rootProvider.name to the right name, or set spec.rootProvider.create: true if no compute service runs there.";

    /** The reason of conditions. */
    ConditionReason reason();

    /** What has become of the host's providers, as a whole sentence; empty if it has none. */
    default String ofProviders() {
        return "";
    }

    /** What is wrong and what to do, in whole sentences. */
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

    /** The provider below which the host's devices were written has another name by now, and no other has its name. */
    record Renamed(String name, UUID uuid, String now) implements RootProviderProblem {
        @Override
        public ConditionReason reason() {
            return ConditionReason.ROOT_PROVIDER_NOT_FOUND;
        }

        @Override
        public String message() {
            return "Placement has no resource provider named '%s' any more: %s, which represents this host, is now named '%s'. Nothing is written. Give it its old name back, or delete it with all below it once nothing of it is in use."
                    .formatted(name, uuid, now);
        }

        @Override
        public String ofProviders() {
            return "This provider is below %s (%s), which was named '%s' when it was created."
                    .formatted(now, uuid, name);
        }
    }

    /**
     * Another provider has the name by now; the host's devices are below the one that had it before.
     *
     * @param before the providers below which the devices are, each as its name and UUID
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
            return "Resource provider '%s' is another one than before: it is %s, and this host's devices are below %s. Nothing is written. Move or delete the consumers of the old providers and delete these; the devices then appear below the new one. Or give the old one its name back."
                    .formatted(name, uuid, String.join(", ", before));
        }

        @Override
        public String ofProviders() {
            return "This provider is below %s, not below the present root provider '%s' (%s)."
                    .formatted(String.join(", ", before), name, uuid);
        }
    }

    /** The provider of that name is itself below another one, as a device's provider is. */
    record Nested(String name, UUID uuid, UUID parent) implements RootProviderProblem {
        @Override
        public ConditionReason reason() {
            return ConditionReason.ROOT_PROVIDER_NESTED;
        }

        @Override
        public String message() {
            return "Resource provider '%s' (%s) is below %s and so is no root provider. Set spec.rootProvider.name to the name of the host's root provider."
                    .formatted(name, uuid, parent);
        }
    }
}
