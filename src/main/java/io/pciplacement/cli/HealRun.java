package io.pciplacement.cli;

import com.fasterxml.jackson.annotation.JsonValue;
import io.pciplacement.api.v1alpha1.AllocationReader;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.operator.sync.AllocationOutcome;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.planning.allocation.Amount;
import io.pciplacement.planning.allocation.Holding;
import io.pciplacement.planning.allocation.Problem;
import io.pciplacement.planning.allocation.Verdict;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Works through consumers, one after the other. One consumer's updates are its allocation, and then the stock of each
 * one-time-use device it has got, so that nobody else ever gets it uncleaned: all of them, or none.
 */
final class HealRun {

    private final Scene scene;
    private final Ledger ledger;
    private final boolean dry;
    private final Set<String> looked = new HashSet<>();

    /** What came of one PciAllocation. */
    enum Result {
        RIGHT("right", Exit.DONE),
        HEALED("healed", Exit.DONE),
        WOULD_HEAL("would be healed", Exit.CHANGES),
        LEFT("left alone", Exit.LEFT),
        FAILED("failed, nothing changed", Exit.ROLLED_BACK),
        ROLLED_BACK("failed, rolled back", Exit.ROLLED_BACK),
        BROKEN("FAILED, NOT ROLLED BACK", Exit.BROKEN);

        private final String text;
        final Exit exit;

        Result(String text, Exit exit) {
            this.text = text;
            this.exit = exit;
        }

        @JsonValue
        @Override
        public String toString() {
            return text;
        }
    }

    /** One amount. */
    record Row(UUID consumer, String provider, UUID providerUuid, String resourceClass, int is, int willBe) {}

    /** One PciAllocation, what came of it, and why where that is not simply right. */
    record Healed(
            String allocation,
            UUID consumer,
            Result result,
            @Nullable String reason,
            @Nullable String message,
            List<Row> amounts) {

        Healed {
            amounts = List.copyOf(amounts);
        }

        /** What is open for a reason that is said is open, whatever else was done. */
        Exit exit() {
            return reason == null ? result.exit : result.exit.or(Exit.LEFT);
        }
    }

    HealRun(Scene scene, Ledger ledger, boolean dry) {
        this.scene = scene;
        this.ledger = ledger;
        this.dry = dry;
    }

    /** @throws Failure where Placement cannot be used at all any more; then nothing was changed for this one */
    Healed heal(PciAllocation object) {
        Holding holding = AllocationReader.holding(object);
        if (object.getSpec().requests() != null && holding.devices().isEmpty()) {
            return left(holding, "Pending", "no device has been granted to its requests yet.");
        }
        ledger.begin();
        holding.nodes().forEach(node -> look(node, false));
        try {
            AllocationOutcome outcome = scene.outlook().hold(object);
            if (outcome instanceof AllocationOutcome.NotYet) {
                holding.nodes().forEach(node -> look(node, true));
                outcome = scene.outlook().hold(object);
            }
            return switch (outcome) {
                case AllocationOutcome.Judged judged -> judged(holding, judged.verdict());
                case AllocationOutcome.NoPlacement away ->
                    failed(holding, away.link().message());
                case AllocationOutcome.NotYet n -> left(holding, "Pending", "a host of its devices is not known yet.");
                case AllocationOutcome.Released r -> throw new IllegalStateException("nobody released " + holding);
            };
        } catch (PlacementException e) {
            return failed(holding, String.valueOf(e.getMessage()));
        }
    }

    private void look(String node, boolean again) {
        if (looked.add(node) || again) {
            scene.world().hosts().stream()
                    .filter(host -> host.getMetadata().getName().equals(node))
                    .forEach(scene::look);
        }
    }

    private Healed judged(Holding holding, Verdict verdict) {
        return switch (verdict) {
            case Verdict.Right right ->
                healed(holding, keptBack(right.amounts()) ? changed() : Result.RIGHT, right.amounts(), verdict.amiss());
            case Verdict.Left left -> healed(holding, Result.LEFT, List.of(), verdict.amiss());
            case Verdict.Write write -> {
                keptBack(write.amounts());
                yield healed(holding, changed(), write.amounts(), verdict.amiss());
            }
        };
    }

    private Result changed() {
        return dry ? Result.WOULD_HEAL : Result.HEALED;
    }

    /** Keeps back what one-time-use devices there are among these; returns whether something had to be. */
    private boolean keptBack(List<Amount> amounts) {
        return scene.outlook()
                .keepBack(amounts.stream()
                        .filter(amount -> amount.wanted() > 0)
                        .map(Amount::uuid)
                        .collect(Collectors.toSet()));
    }

    /** What was done for this consumer is taken back; and the others can only follow if Placement answers again. */
    private Healed failed(Holding holding, String why) {
        Healed result;
        try {
            boolean undone = ledger.rollBack();
            result = said(
                    holding,
                    undone ? Result.ROLLED_BACK : Result.FAILED,
                    "UpdateFailed",
                    why + (undone ? " What was done for this consumer before is taken back." : ""));
        } catch (PlacementException e) {
            return said(
                    holding,
                    Result.BROKEN,
                    "RollbackFailed",
                    "%s What was done for this consumer before could not be taken back: %s Compare what consumer %s has in Placement with its PciAllocation; run heal again once Placement answers."
                            .formatted(why, e.getMessage(), holding.consumer().uuid()));
        }
        return result;
    }

    private static Healed healed(Holding holding, Result result, List<Amount> amounts, Optional<Problem> amiss) {
        return new Healed(
                holding.name(),
                holding.consumer().uuid(),
                result,
                amiss.map(Problem::reason).orElse(null),
                amiss.map(Problem::message).orElse(null),
                amounts.stream()
                        .map(amount -> new Row(
                                amount.consumer(),
                                amount.provider(),
                                amount.uuid(),
                                amount.resourceClass().name(),
                                amount.found(),
                                amount.wanted()))
                        .toList());
    }

    private static Healed left(Holding holding, String reason, String message) {
        return said(holding, Result.LEFT, reason, message);
    }

    private static Healed said(Holding holding, Result result, String reason, String message) {
        return new Healed(holding.name(), holding.consumer().uuid(), result, reason, message, List.of());
    }
}
