package io.pciplacement.operator.sync;

import static io.pciplacement.operator.sync.OneHost.PLAIN;
import static io.pciplacement.operator.sync.OneHost.PLAIN_SPEC;
import static io.pciplacement.operator.sync.OneHost.plain;
import static io.pciplacement.operator.sync.OneHost.remembering;
import static io.pciplacement.operator.sync.OneHost.request;
import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.operator.sync.HostOutcome.Decided;
import io.pciplacement.placement.Inventories;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.allocation.Consumer;
import io.pciplacement.planning.allocation.DeviceAt;
import io.pciplacement.planning.allocation.Holding;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.FakePlacement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What a host's status remembers of Placement for the operator that comes next, and what it must not. */
class RememberedTest {

    @AutoClose
    private final OneHost host = new OneHost();

    private final FakePlacement placement = host.placement;

    /** All but what has moved meanwhile, and who has what is in use: allocations go without a trace. */
    @Test
    void anOperatorThatStartsAnewReadsNextToNothing() {
        host.decided(request(plain(20), PLAIN_SPEC));
        UUID consumer = UUID.randomUUID();
        host.allocate(consumer, placement.uuid("gpu-07_0000:00:03.0").orElseThrow(), PLAIN);
        host.sync.sweep();
        Decided before = host.decided(request(plain(20), PLAIN_SPEC));
        Map<String, String> right = placement.tree();
        UUID changed = placement.uuid("gpu-07_0000:00:05.0").orElseThrow();
        placement.putTraits(
                changed,
                new ProviderTraits(placement.traits(changed).generation(), new TreeSet<>(Set.of(Trait.OPERATOR_MARK))));

        host.restart(Marks.DEFAULT);
        placement.requests.clear();
        host.decided(remembering(before, plain(20), PLAIN_SPEC));
        assertThat(placement.requests)
                .containsExactlyInAnyOrder(
                        "GET /resource_providers?in_tree",
                        "GET allocations of provider",
                        "GET inventories",
                        "GET traits",
                        "GET allocations of provider",
                        "PUT traits");
        assertThat(placement.tree()).isEqualTo(right);
        assertThat(host.sync.consumers(before.root())).containsExactly(consumer);
    }

    /** A device that was given away while its host was written: to remember it as free would be wrong. */
    @Test
    void whatIsGivenAwayMeanwhileIsNotRememberedAsFree() {
        host.decided(request(plain(2), PLAIN_SPEC));
        UUID server = UUID.randomUUID();
        placement.before = name -> {
            if (name.equals("PUT traits")) {
                placement.before = any -> {};
                host.sync.hold(new HoldRequest(
                        new Holding(
                                "server",
                                "2026",
                                new Consumer(server, "INSTANCE", "project", "user", false),
                                List.of(new DeviceAt("gpu-07", Devices.at("0000:00:01.0")))),
                        () -> true,
                        "gpu-07"::equals,
                        device -> Optional.empty(),
                        server::equals,
                        true,
                        new RecordInMemory()));
            }
        };
        DeviceSpec red = spec("red")
                .address("0000:00:00.0")
                .traits("CUSTOM_RED")
                .priority(200)
                .build();
        Decided outcome = host.decided(request(plain(2), PLAIN_SPEC, red));
        assertThat(placement.consumers()).containsKey(server);
        assertThat(outcome.providers())
                .extracting(result -> result.remembered().content() != null)
                .containsExactly(true, false);
    }

    /** Somebody was between the listing and the write: what is remembered of that generation does not count either. */
    @Test
    void aProviderThatMovedBeforeAWriteIsReadWhateverIsRemembered() {
        Decided before = host.decided(request(plain(1), PLAIN_SPEC));
        UUID uuid = placement.uuid("gpu-07_0000:00:00.0").orElseThrow();
        host.restart(Marks.DEFAULT);
        placement.before = name -> {
            if (name.equals("PUT traits")) {
                placement.before = any -> {};
                Inventories has = placement.inventories(uuid);
                placement.putInventories(
                        uuid, new Inventories(has.generation(), new TreeMap<>(Map.of(PLAIN, Inventory.of(1, 1)))));
            }
        };
        DeviceSpec red = spec("plain").product(Devices.PCI).traits("CUSTOM_RED").build();
        Decided after = host.decided(remembering(before, plain(1), red));
        assertThat(after.providers())
                .extracting(HostOutcome.ProviderResult::progress)
                .allMatch(progress -> progress instanceof HostOutcome.Progress.Done);
        assertThat(placement.traits(uuid).traits()).contains(new Trait("CUSTOM_RED"));
        assertThat(placement.inventories(uuid).byClass()).containsValue(Inventory.of(1, 1));
    }
}
