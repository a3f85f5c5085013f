package io.pciplacement.simulation.cluster;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.testing.Hosts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Random events of a history. Each step has a random sequence of its own, so that the seed determines the events even
 * if the system reacts at another time.
 */
final class HistoryEvents {

    /** Number of kinds of events that change objects of Kubernetes. */
    private static final int EDITS = 28;

    private static final int CLAIMS = 10;
    private static final int OBJECTS = 3;
    private static final List<String> TRAITS = List.of("blue", "red");

    private final HistoryHosts hosts;
    private final HistoryOperators operators;
    private final HistoryObjects objects;
    private final HistoryConsumers consumers;
    private final HistoryMaintenance maintenance;
    private final HistoryConflicts conflicts;
    private final List<String> log = new ArrayList<>();

    private Random random = new Random(0);

    HistoryEvents(HistoryHosts hosts, HistoryOperators operators, HistoryObjects objects, HistoryConsumers consumers) {
        this.hosts = hosts;
        this.operators = operators;
        this.objects = objects;
        this.consumers = consumers;
        this.maintenance = new HistoryMaintenance(hosts);
        this.conflicts = new HistoryConflicts(hosts, consumers);
    }

    /** The events since the last rest. */
    List<String> log() {
        return List.copyOf(log);
    }

    Set<String> offeredAgain() {
        return maintenance.offeredAgain();
    }

    void clear() {
        log.clear();
        maintenance.clear();
    }

    private void log(int step, String event) {
        log.add(step + " " + event);
    }

    /** Creates objects and servers, so that the first events find some. */
    void populate(long seed) {
        random = new Random(seed);
        for (int i = 0; i < HistoryConsumers.SERVERS / 2; i++) {
            consumers.toggleServer(i, HistoryHosts.NAMES.get(i));
            objects.createForeign("foreign-" + i, HistoryConsumers.server(i), random);
        }
        for (int i = 0; i < CLAIMS; i++) {
            objects.createClaim("claim-" + i, random);
        }
        objects.createWithDevice("object-0", "Operator", HistoryHosts.NAMES.getFirst(), HistoryHosts.PF);
    }

    /** Runs the event of a step. */
    void run(int step, long seed) {
        random = new Random(seed * 1_000_003 + step);
        int kind = random.nextInt(44);
        if (kind < EDITS) {
            operators.ensureWebhook();
        }
        switch (kind) {
            case 0, 1, 2, 3, 4, 5, 6, 7 -> toggleClaim(step);
            case 8, 9, 10 -> toggleObject(step);
            case 11, 12, 13 -> moveObject(step);
            case 14, 15 -> toggleExternal(step);
            case 16, 17 -> toggleForeign(step);
            case 18, 19 -> changeSpec(step);
            case 20, 21, 22 -> changeQuarantine(step);
            case 23, 24 -> changeDrain(step);
            case 25 -> changeReporting(step);
            case 26, 27 -> toggleHost(step);
            case 28, 29, 30 -> fail(step, random.nextInt(HistoryOperators.REPLICAS));
            case 31 -> {
                log(step, "suspend the API server");
                operators.withSuspendedApiServer(() -> runOutsideKubernetes(step));
            }
            case 32 -> togglePlacement(step);
            case 33, 34, 35, 36 -> failDuringMaintenance(step);
            default -> runOutsideKubernetes(step);
        }
    }

    /** An operator is killed, suspended or disconnected. */
    private void fail(int step, int replica) {
        String name = HistoryOperators.name(replica);
        switch (random.nextInt(3)) {
            case 0 -> {
                log(step, "kill " + name);
                operators.kill(replica);
            }
            case 1 -> {
                boolean untilReplaced = random.nextBoolean();
                log(step, "suspend " + name);
                operators.withSuspended(replica, () -> {
                    runOutsideKubernetes(step);
                    if (untilReplaced) {
                        awaitOtherLeader(name);
                    }
                });
            }
            default -> {
                log(step, "disconnect " + name);
                operators.sever(replica);
            }
        }
    }

    /** The leader fails after it has reserved or released the devices of a host, mostly before it records that. */
    private void failDuringMaintenance(int step) {
        operators.ensureWebhook();
        int leader = operators.leaderReplica();
        String host = pickHost();
        boolean drain = random.nextInt(4) > 0;
        operators.awaitInventoryChange(() -> log(step, maintenance.setDrain(host, drain)));
        fail(step, leader);
    }

    /** Waits until an operator that has been suspended is no longer the leader; there may be no other replica. */
    private void awaitOtherLeader(String suspended) {
        try {
            Hosts.awaitCondition()
                    .atMost(Duration.ofSeconds(8))
                    .until(() -> !operators.leader().equals(suspended));
        } catch (ConditionTimeoutException e) {
            log.add("no other leader");
        }
    }

    private void togglePlacement(int step) {
        log(step, operators.isPlacementDown() ? "start Placement" : "stop Placement");
        if (operators.isPlacementDown()) {
            operators.startPlacement();
        } else {
            operators.stopPlacement();
        }
    }

    private String pickHost() {
        return HistoryHosts.NAMES.get(random.nextInt(HistoryHosts.NAMES.size()));
    }

    private String pickAddress() {
        return HistoryHosts.ALL.get(random.nextInt(HistoryHosts.ALL.size()));
    }

    /** Events of hosts and of Placement's other clients. */
    private void runOutsideKubernetes(int step) {
        String host = pickHost();
        int kind = random.nextInt(8);
        int number = random.nextInt(HistoryConsumers.SERVERS);
        String address = pickAddress();
        if (kind < 2) {
            log(step, "plain device of " + host);
            hosts.togglePlain(host);
        } else if (kind == 2) {
            log(step, "VF of " + host);
            hosts.toggleVf(host);
        } else if (kind == 3) {
            log(step, "kill agent of " + host);
            if (hosts.exists(host)) {
                hosts.killAgent(host);
            }
        } else if (!operators.isPlacementDown()) {
            runInPlacement(step, kind, host, number, address);
        }
    }

    private void runInPlacement(int step, int kind, String host, int number, String address) {
        switch (kind) {
            case 4, 5 -> {
                log(step, "server " + number + " on " + host);
                consumers.toggleServer(number, host);
            }
            case 6 -> {
                log(step, "traits of %s/%s removed".formatted(host, address));
                conflicts.removeTraits(host, HistoryHosts.providerAddress(address));
            }
            default -> {
                log(step, "allocation of claim-%d removed".formatted(number));
                consumers.releaseByMistake(HistoryObjects.consumer("claim-" + number));
            }
        }
    }

    private void toggleClaim(int step) {
        String name = "claim-" + random.nextInt(CLAIMS);
        if (random.nextInt(3) == 0 && objects.exists(name)) {
            // More of them exist than not.
            return;
        }
        log(
                step,
                objects.exists(name)
                        ? "delete " + name + objects.delete(name)
                        : "create " + name + objects.createClaim(name, random));
    }

    private void toggleObject(int step) {
        String name = "object-" + random.nextInt(OBJECTS);
        String host = pickHost();
        String address = pickAddress();
        log(
                step,
                objects.exists(name)
                        ? "delete " + name + objects.delete(name)
                        : "create %s with %s/%s".formatted(name, host, address)
                                + objects.createWithDevice(name, "Operator", host, address));
    }

    private void moveObject(int step) {
        String name = "object-" + random.nextInt(OBJECTS);
        String host = pickHost();
        String address = pickAddress();
        boolean confirm = random.nextBoolean();
        log(
                step,
                "move %s to %s/%s or %s".formatted(name, host, address, confirm ? "confirm" : "revert")
                        + objects.move(name, host, address, confirm));
    }

    private void toggleExternal(int step) {
        String name = "external-" + random.nextInt(OBJECTS);
        String host = pickHost();
        String address = pickAddress();
        if (objects.exists(name)) {
            log(step, "delete " + name + objects.delete(name));
            return;
        }
        if (!operators.isPlacementDown()) {
            consumers.startExternal(HistoryObjects.consumer(name), HistoryObjects.project(name), host);
        }
        log(
                step,
                "create %s with %s/%s".formatted(name, host, address)
                        + objects.createWithDevice(name, "External", host, address));
    }

    private void toggleForeign(int step) {
        int number = random.nextInt(HistoryConsumers.SERVERS);
        String name = "foreign-" + number;
        log(
                step,
                objects.exists(name)
                        ? "delete " + name + objects.delete(name)
                        : "create %s for the consumer of server %d".formatted(name, number)
                                + objects.createForeign(name, HistoryConsumers.server(number), random));
    }

    private void changeSpec(int step) {
        String name = List.of("history-pf", "history-plain", "history-vfs").get(random.nextInt(3));
        String trait = TRAITS.get(random.nextInt(TRAITS.size()));
        boolean delete = random.nextInt(4) == 0;
        if (objects.specs().stream()
                .noneMatch(spec -> spec.getMetadata().getName().equals(name))) {
            log(step, "create spec " + name + objects.createSpec(name, trait));
        } else if (delete) {
            log(step, "delete spec " + name + objects.deleteSpec(name));
            consumers.forgetReserved();
        } else {
            log(step, "spec %s: trait %s".formatted(name, trait) + objects.setTrait(name, trait));
        }
    }

    private void patch(int step, String host, String change) {
        log(step, host + " " + change + hosts.patch(host, change));
    }

    private void changeQuarantine(int step) {
        log(step, maintenance.changeQuarantine(pickHost(), random));
    }

    private void changeDrain(int step) {
        log(step, maintenance.setDrain(pickHost(), random.nextInt(3) == 0));
    }

    private void changeReporting(int step) {
        String host = pickHost();
        patch(step, host, "{\"spec\": {\"reporting\": \"%s\"}}".formatted(random.nextInt(3) == 0 ? "Nova" : "Enabled"));
    }

    private void toggleHost(int step) {
        String picked = pickHost();
        // Most of the time all hosts exist.
        String host = random.nextInt(4) == 0
                ? picked
                : HistoryHosts.NAMES.stream()
                        .filter(name -> !hosts.exists(name))
                        .findFirst()
                        .orElse(picked);
        boolean retain = random.nextBoolean();
        boolean enabled = random.nextInt(4) > 0;
        maintenance.forget(host);
        if (!hosts.exists(host)) {
            log(step, "create " + host);
            hosts.add(host, enabled ? "Enabled" : "Disabled");
        } else if (hosts.existing().size() > 1) {
            patch(step, host, "{\"spec\": {\"onDelete\": \"%s\"}}".formatted(retain ? "Retain" : "RemoveUnused"));
            log(step, "delete " + host);
            hosts.remove(host);
            consumers.loseRecord(host);
        }
    }

    /**
     * Most of the hosts report again and are not drained: otherwise there would be hardly any devices after a while,
     * and nothing to be done.
     */
    void restoreHosts(int step, long seed) {
        random = new Random(seed * 31 + step);
        for (String host : hosts.existing()) {
            if (random.nextInt(4) > 0) {
                patch(step, host, "{\"spec\": {\"reporting\": \"Enabled\"}}");
            }
            if (random.nextInt(4) > 0) {
                log(step, maintenance.setDrain(host, false));
            }
        }
    }

    /** No host is drained and no device in quarantine any more: the operator has to release what it has reserved. */
    void endMaintenance(int step) {
        operators.ensureWebhook();
        for (String host : hosts.existing()) {
            patch(step, host, "{\"spec\": {\"reporting\": \"Enabled\"}}");
            log(step, maintenance.setDrain(host, false));
            log(step, maintenance.endQuarantine(host));
        }
    }

    /** The administrator ends conflicts of the operator with the client that removes traits. */
    void resolveConflicts() {
        objects.hosts().forEach(conflicts::resolve);
    }

    /** At rest, because an administrator sees whose a unit is only while the operator changes nothing. */
    void changeReserved(int step, long seed) {
        random = new Random(~seed * 1_000_003 + step);
        String host = pickHost();
        boolean offered = objects.hosts().stream()
                .filter(object -> object.getMetadata().getName().equals(host))
                .map(HostPciInventory::getSpec)
                .noneMatch(spec -> Boolean.TRUE.equals(spec.drain())
                        || spec.quarantine() != null && !spec.quarantine().isEmpty());
        if (offered) {
            log(step, "administrator reserves or releases a unit of " + host);
            consumers.toggleReserved(host);
        }
    }
}
