package io.pciplacement.cli.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.pciplacement.api.v1alpha1.ApiConstants;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.cli.doctor.CloudSnapshot.Heartbeat;
import io.pciplacement.cli.input.ClusterReader;
import io.pciplacement.cli.input.ClusterSnapshot;
import io.pciplacement.cli.input.OpenStackConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Looks at a cluster and its Placement for the doctor. What may not be looked at is said, and the rest goes on. */
public final class DiagnosticsCollector {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration USUAL = Duration.ofMinutes(2);

    private final KubernetesClient client;
    private final InstantSource clock;
    private final List<CheckResult> unseen = new ArrayList<>();
    private final Map<String, Duration> clocks = new HashMap<>();

    public DiagnosticsCollector(KubernetesClient client, InstantSource clock) {
        this.client = client;
        this.clock = clock;
    }

    public CloudSnapshot patient(List<String> nodes, String namespace, OpenStackConnection cloud) {
        ClusterSnapshot world = ClusterReader.read(client);
        List<HostPciInventory> hosts = nodes.isEmpty()
                ? world.hosts()
                : nodes.stream().distinct().map(world::host).toList();
        Optional<Map<String, Heartbeat>> heartbeats = seen("the agents' Leases", () -> heartbeats(namespace));
        Map<String, JsonNode> kinds = seen("the kinds", this::kinds).orElse(Map.of());
        apiServerTime().ifPresent(time -> compare("API server", time));
        CloudSnapshot.PlacementFacts placement = new PlacementInspector(cloud.client())
                .look(
                        nodes.isEmpty()
                                ? Set.of()
                                : hosts.stream()
                                        .map(HostPciInventory::rootProviderName)
                                        .collect(Collectors.toSet()));
        if (placement instanceof CloudSnapshot.PlacementFacts.Available) {
            cloud.time().ifPresent(time -> compare("Placement", time));
        }
        Instant now = clock.instant();
        heartbeats.ifPresent(beats -> beats.forEach((node, beat) -> {
            if (beat.renewed().isAfter(now)) {
                compare("node " + node, beat.renewed());
            }
        }));
        return new CloudSnapshot(
                now,
                hosts,
                world.specs(),
                heartbeats,
                clocks,
                kinds,
                placement,
                unseen,
                world.hosts(),
                cloud.exposures());
    }

    private void compare(String whose, Instant time) {
        clocks.put(whose, Duration.between(clock.instant(), time));
    }

    private <T> Optional<T> seen(String what, Supplier<T> look) {
        try {
            return Optional.of(look.get());
        } catch (KubernetesClientException e) {
            if (e.getCode() != 403) {
                throw e;
            }
            unseen.add(new CheckResult(
                    CheckResult.Severity.note,
                    "cluster",
                    what + " may not be read by who KUBECONFIG says you are, and were not looked at",
                    "ask as somebody with more rights"));
            return Optional.empty();
        }
    }

    private Map<String, Heartbeat> heartbeats(String namespace) {
        Map<String, Heartbeat> heartbeats = new HashMap<>();
        for (Lease lease : client.leases().inNamespace(namespace).list().getItems()) {
            LeaseSpec spec = lease.getSpec();
            if (spec != null && spec.getRenewTime() != null) {
                Duration lasts = spec.getLeaseDurationSeconds() == null
                        ? USUAL
                        : Duration.ofSeconds(spec.getLeaseDurationSeconds());
                heartbeats.put(
                        lease.getMetadata().getName(),
                        new Heartbeat(spec.getRenewTime().toInstant(), lasts));
            }
        }
        return heartbeats;
    }

    private Map<String, JsonNode> kinds() {
        Map<String, JsonNode> kinds = new HashMap<>();
        for (String plural : List.of("hostpciinventories", "pcidevicespecs", "pciallocations")) {
            CustomResourceDefinition kind = client.apiextensions()
                    .v1()
                    .customResourceDefinitions()
                    .withName(plural + "." + ApiConstants.GROUP)
                    .get();
            if (kind != null) {
                kind.getSpec().getVersions().stream()
                        .filter(version -> version.getName().equals(ApiConstants.VERSION))
                        .findFirst()
                        .ifPresent(version -> kinds.put(
                                plural, JSON.valueToTree(version.getSchema().getOpenAPIV3Schema())));
            }
        }
        return kinds;
    }

    /** From the head of an answer; empty where something between does not pass it on. */
    private Optional<Instant> apiServerTime() {
        try {
            var request = client.getHttpClient()
                    .newHttpRequestBuilder()
                    .uri(client.getMasterUrl() + "version")
                    .build();
            return client
                    .getHttpClient()
                    .sendAsync(request, String.class)
                    .get(10, TimeUnit.SECONDS)
                    .headers("Date")
                    .stream()
                    .findFirst()
                    .map(date -> Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException | TimeoutException | DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
