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

/** Collector of the data that {@code pci doctor} checks. Data that it may not read is recorded as skipped. */
public final class DiagnosticsCollector {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration DEFAULT_LEASE_DURATION = Duration.ofMinutes(2);

    private final KubernetesClient client;
    private final InstantSource clock;
    private final List<CheckResult> skippedChecks = new ArrayList<>();
    private final Map<String, Duration> clockOffsets = new HashMap<>();

    public DiagnosticsCollector(KubernetesClient client, InstantSource clock) {
        this.client = client;
        this.clock = clock;
    }

    public CloudSnapshot collectSnapshot(List<String> nodes, String namespace, OpenStackConnection connection) {
        ClusterSnapshot cluster = ClusterReader.readCluster(client);
        List<HostPciInventory> hosts = nodes.isEmpty()
                ? cluster.hosts()
                : nodes.stream().distinct().map(cluster::requireHost).toList();
        Optional<Map<String, Heartbeat>> heartbeats =
                readIfPermitted("the agents' Leases", () -> readHeartbeats(namespace));
        Map<String, JsonNode> schemas =
                readIfPermitted("the CRDs", this::readCrdSchemas).orElse(Map.of());
        readApiServerTime().ifPresent(time -> recordClockOffset("API server", time));
        CloudSnapshot.PlacementFacts placement = new PlacementInspector(connection.placementClient())
                .readFacts(
                        nodes.isEmpty()
                                ? Set.of()
                                : hosts.stream()
                                        .map(HostPciInventory::rootProviderName)
                                        .collect(Collectors.toSet()));
        if (placement instanceof CloudSnapshot.PlacementFacts.Available) {
            connection.serverTime().ifPresent(time -> recordClockOffset("Placement", time));
        }
        Instant now = clock.instant();
        heartbeats.ifPresent(byNode -> byNode.forEach((node, heartbeat) -> {
            if (heartbeat.renewedAt().isAfter(now)) {
                recordClockOffset("node " + node, heartbeat.renewedAt());
            }
        }));
        return new CloudSnapshot(
                now,
                hosts,
                cluster.specs(),
                heartbeats,
                clockOffsets,
                schemas,
                placement,
                skippedChecks,
                cluster.hosts(),
                connection.exposures());
    }

    private void recordClockOffset(String owner, Instant time) {
        clockOffsets.put(owner, Duration.between(clock.instant(), time));
    }

    private <T> Optional<T> readIfPermitted(String what, Supplier<T> read) {
        try {
            return Optional.of(read.get());
        } catch (KubernetesClientException e) {
            if (e.getCode() != 403) {
                throw e;
            }
            skippedChecks.add(new CheckResult(
                    CheckResult.Severity.note,
                    "cluster",
                    "%s were not checked: the user in KUBECONFIG may not read them".formatted(what),
                    "run the command as a user with more permissions"));
            return Optional.empty();
        }
    }

    private Map<String, Heartbeat> readHeartbeats(String namespace) {
        Map<String, Heartbeat> heartbeats = new HashMap<>();
        for (Lease lease : client.leases().inNamespace(namespace).list().getItems()) {
            LeaseSpec spec = lease.getSpec();
            if (spec != null && spec.getRenewTime() != null) {
                Duration validFor = spec.getLeaseDurationSeconds() == null
                        ? DEFAULT_LEASE_DURATION
                        : Duration.ofSeconds(spec.getLeaseDurationSeconds());
                heartbeats.put(
                        lease.getMetadata().getName(),
                        new Heartbeat(spec.getRenewTime().toInstant(), validFor));
            }
        }
        return heartbeats;
    }

    private Map<String, JsonNode> readCrdSchemas() {
        Map<String, JsonNode> schemas = new HashMap<>();
        for (String plural : List.of("hostpciinventories", "pcidevicespecs", "pciallocations")) {
            CustomResourceDefinition crd = client.apiextensions()
                    .v1()
                    .customResourceDefinitions()
                    .withName(plural + "." + ApiConstants.GROUP)
                    .get();
            if (crd != null) {
                crd.getSpec().getVersions().stream()
                        .filter(version -> version.getName().equals(ApiConstants.VERSION))
                        .findFirst()
                        .ifPresent(version -> schemas.put(
                                plural, JSON.valueToTree(version.getSchema().getOpenAPIV3Schema())));
            }
        }
        return schemas;
    }

    /** Time from the Date header of a response; empty if a proxy removes it. */
    private Optional<Instant> readApiServerTime() {
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
