package io.pciplacement.it.operator;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.TestLength;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Tests that an object that is created again as soon as it is deleted is reconciled and can be deleted again. */
class RecreationIT {

    private static final int OBJECTS = 12;

    private final KubernetesClient client = LocalCluster.shared().client();

    @Test
    void recreatedObjectsAreReconciledAndDeleted() throws Exception {
        int rounds = TestLength.choose(8, 20);
        List<Future<?>> runs = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < OBJECTS; i++) {
                String name = "recreated-" + i;
                runs.add(threads.submit(() -> recreate(name, rounds)));
            }
        }
        for (Future<?> run : runs) {
            run.get();
        }
        assertThat(client.resources(HostPciInventory.class).list().getItems())
                .extracting(host -> host.getMetadata().getName())
                .noneMatch(name -> name.startsWith("recreated-"));
    }

    private void recreate(String name, int rounds) {
        Resource<HostPciInventory> resource =
                client.resources(HostPciInventory.class).withName(name);
        HostPciInventory host = Serialization.unmarshal("""
                apiVersion: pciplacement.io/v1alpha1
                kind: HostPciInventory
                metadata: {name: %s}
                spec: {}
                """.formatted(name), HostPciInventory.class);
        for (int round = 0; round < rounds; round++) {
            String description = "%s in round %d".formatted(name, round);
            client.resource(host).create();
            awaitCondition().alias("reconciliation of " + description).until(() -> {
                var status = resource.get().getStatus();
                return status != null && status.conditions() != null;
            });
            resource.delete();
            awaitCondition().alias("deletion of " + description).until(() -> resource.get() == null);
        }
    }
}
