package io.pciplacement.it.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.agent.sysfs.SysfsTree;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.NovaBed;
import io.pciplacement.testing.NovaBed.Server;
import io.pciplacement.testing.NovaBed.Write;
import io.pciplacement.testing.NovaConf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Steps of the task guides that Nova performs, on Nova's own services: a host's nova-compute reads nova.conf from the
 * directory of the guide. Each start of nova-compute is checked: it changes no existing provider except its traits, and
 * the servers keep their devices.
 */
final class NovaSteps {

    private static final List<String> ALIASES_BY_IDS = List.of(
            "{\"name\": \"card\", \"vendor_id\": \"8086\", \"product_id\": \"1533\"}",
            "{\"name\": \"vf\", \"vendor_id\": \"8086\", \"product_id\": \"1515\", \"device_type\": \"type-VF\"}");

    /** Nova rejects an alias by class while its scheduler ignores the PCI devices in Placement. */
    private static final List<String> ALIASES = Stream.concat(
                    ALIASES_BY_IDS.stream(), Stream.of("{\"name\": \"gpu\", \"resource_class\": \"gpu\"}"))
            .toList();

    private static final Pattern WRITE_OF_PROVIDER =
            Pattern.compile("/resource_providers/(?<uuid>[0-9a-f-]{36})(?<part>/\\w+)?");

    private final LocalCluster cluster;
    private final Path directory;
    private final Map<String, List<Server>> serversByHost = new LinkedHashMap<>();
    private final Map<Pattern, BiConsumer<String, Matcher>> steps = new LinkedHashMap<>();
    private @Nullable NovaBed bed;

    NovaSteps(LocalCluster cluster, Path directory) {
        this.cluster = cluster;
        this.directory = directory;
        addStep("runs with this nova\\.conf", (host, step) -> start(host, null));
        addStep("starts with this compute_id", (host, step) -> checked(host, () -> start(host, readComputeId())));
        addStep("is restarted with nova\\.conf", (host, step) -> checked(host, () -> nova().restartHost(host, conf())));
        addStep(
                "is restarted with nova\\.conf and removes its unused providers",
                (host, step) -> nova().restartHost(host, conf()));
        addStep("is stopped", (host, step) -> nova().stopHost(host));
        addStep(
                "creates servers by the aliases (?<aliases>.+)",
                (host, step) -> List.of(step.group("aliases").split(" and ")).forEach(alias -> boot(host, alias)));
        addStep("deletes its servers", (host, step) -> deleteServers(host));
    }

    private void addStep(String regex, BiConsumer<String, Matcher> action) {
        steps.put(Pattern.compile("nova-compute of (?<host>\\S+) " + regex), action);
    }

    private NovaBed nova() {
        if (bed == null) {
            bed = NovaBed.shared();
            bed.setAliases(ALIASES);
        }
        return bed;
    }

    /** Performs a step; returns false if it is not one of Nova's. */
    boolean perform(String step) {
        if (step.matches("the scheduler of Nova (uses|ignores) the PCI devices in Placement")) {
            boolean used = step.contains(" uses ");
            nova().setPciInPlacement(used);
            nova().setAliases(used ? ALIASES : ALIASES_BY_IDS);
            return true;
        }
        for (Map.Entry<Pattern, BiConsumer<String, Matcher>> known : steps.entrySet()) {
            Matcher matcher = known.getKey().matcher(step);
            if (matcher.matches()) {
                known.getValue().accept(matcher.group("host"), matcher);
                return true;
            }
        }
        return false;
    }

    private NovaConf conf() {
        return NovaConf.parse(read("nova.conf"));
    }

    private UUID readComputeId() {
        return UUID.fromString(read("compute_id").strip());
    }

    private String read(String name) {
        try {
            return Files.readString(directory.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts nova-compute with the devices that the guides' hosts publish: one without VFs, and a PF with four. */
    private void start(String host, @Nullable UUID computeId) {
        SysfsTree sysfs = new SysfsTree(directory.resolve("sysfs-" + host))
                .device("0000:81:01.0", "8086", "1533", "030200")
                .pf("0000:81:03.0", "8086", "1528", "1515", 8);
        for (int vf = 1; vf <= 4; vf++) {
            sysfs.vf("0000:81:03." + vf, "0000:81:03.0", vf - 1, "8086", "1515");
        }
        nova().startHost(host, sysfs.root(), conf(), computeId);
    }

    private void boot(String host, String alias) {
        Server server = nova().boot(host, alias + ":1");
        serversByHost.computeIfAbsent(host, name -> new ArrayList<>()).add(server);
        assertThat(server.status()).as(server.toString()).isEqualTo("ACTIVE");
        assertThat(server.attached().get(host)).as(server.toString()).hasSize(1);
    }

    private List<Server> servers(String host) {
        return serversByHost.getOrDefault(host, List.of());
    }

    private void deleteServers(String host) {
        servers(host).forEach(nova()::delete);
        serversByHost.remove(host);
    }

    private void checked(String host, Runnable start) {
        Collection<String> existing = cluster.placement().providersBelow(host).values();
        nova().takeWrites();
        start.run();
        assertThat(nova().takeWrites()).noneMatch(write -> changesMoreThanTraits(write, existing));
        for (Server server : servers(host)) {
            assertThat(nova().show(server)).isEqualTo(server);
        }
    }

    private static boolean changesMoreThanTraits(Write write, Collection<String> existing) {
        Matcher path = WRITE_OF_PROVIDER.matcher(write.path());
        return path.matches() && existing.contains(path.group("uuid")) && !"/traits".equals(path.group("part"));
    }

    /**
     * Stops the computes, then releases what their servers have in Placement. Nova cannot delete the servers of a
     * nova-compute that a guide has stopped.
     */
    void clean(String... hosts) {
        if (bed == null) {
            return;
        }
        List.of(hosts).forEach(bed::stopHost);
        bed = null;
        serversByHost.values().stream()
                .flatMap(List::stream)
                .forEach(server -> cluster.placement().release(server.id()));
        serversByHost.clear();
    }
}
