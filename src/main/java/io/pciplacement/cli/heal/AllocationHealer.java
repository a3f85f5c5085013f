package io.pciplacement.cli.heal;

import com.fasterxml.jackson.annotation.JsonValue;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.plan.PlanningSession;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.planning.allocation.AllocationDecision;
import io.pciplacement.planning.allocation.AllocationDelta;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.sync.AllocationSyncResult;
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
public final class AllocationHealer {

    private final PlanningSession scene;
    private final RollbackPlacementClient ledger;
    private final boolean dry;
    private final Set<String> looked = new HashSet<>();

    /** What came of one PciAllocation. */
    public enum Outcome {
        RIGHT("right", ExitCode.DONE),
        HEALED("healed", ExitCode.DONE),
        WOULD_HEAL("would be healed", ExitCode.CHANGES),
        LEFT("left alone", ExitCode.LEFT),
        FAILED("failed, nothing changed", ExitCode.ROLLED_BACK),
        ROLLED_BACK("failed, rolled back", ExitCode.ROLLED_BACK),
        BROKEN("FAILED, NOT ROLLED BACK", ExitCode.BROKEN);

        private final String text;
        public final ExitCode exit;

        Outcome(String text, ExitCode exit) {
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
    public record Row(UUID consumer, String provider, UUID providerUuid, String resourceClass, int is, int willBe) {}

    /** One PciAllocation, what came of it, and why where that is not simply right. */
    public record HealResult(
            String allocation,
            UUID consumer,
            AllocationHealer.Outcome result,
            @Nullable String reason,
            @Nullable String message,
            List<Row> amounts) {

        public HealResult {
            amounts = List.copyOf(amounts);
        }

        /** What is open for a reason that is said is open, whatever else was done. */
        public ExitCode exit() {
            return reason == null ? result.exit : result.exit.or(ExitCode.LEFT);
        }
    }

    public AllocationHealer(PlanningSession scene, RollbackPlacementClient ledger, boolean dry) {
        this.scene = scene;
        this.ledger = ledger;
        this.dry = dry;
    }

    /** @throws CliException where Placement cannot be used at all any more; then nothing was changed for this one */
    public AllocationHealer.HealResult heal(PciAllocation object) {
        DesiredAllocation holding = PciAllocationMapper.toDesiredAllocation(object);
        if (object.getSpec().requests() != null && holding.devices().isEmpty()) {
            return left(holding, "Pending", "no device has been granted to its requests yet.");
        }
        ledger.begin();
        holding.nodes().forEach(node -> look(node, false));
        try {
            AllocationSyncResult outcome = scene.outlook().hold(object);
            if (outcome instanceof AllocationSyncResult.Deferred) {
                holding.nodes().forEach(node -> look(node, true));
                outcome = scene.outlook().hold(object);
            }
            return switch (outcome) {
                case AllocationSyncResult.Evaluated judged -> judged(holding, judged.decision());
                case AllocationSyncResult.PlacementUnavailable away ->
                    failed(holding, away.state().message());
                case AllocationSyncResult.Deferred n ->
                    left(holding, "Pending", "a host of its devices is not known yet.");
                case AllocationSyncResult.Released r -> throw new IllegalStateException("nobody released " + holding);
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

    private AllocationHealer.HealResult judged(DesiredAllocation holding, AllocationDecision verdict) {
        return switch (verdict) {
            case AllocationDecision.InSync right ->
                healed(
                        holding,
                        keptBack(right.amounts()) ? changed() : AllocationHealer.Outcome.RIGHT,
                        right.amounts(),
                        verdict.amiss());
            case AllocationDecision.Blocked left ->
                healed(holding, AllocationHealer.Outcome.LEFT, List.of(), verdict.amiss());
            case AllocationDecision.Update write -> {
                keptBack(write.amounts());
                yield healed(holding, changed(), write.amounts(), verdict.amiss());
            }
        };
    }

    private AllocationHealer.Outcome changed() {
        return dry ? AllocationHealer.Outcome.WOULD_HEAL : AllocationHealer.Outcome.HEALED;
    }

    /** Keeps back what one-time-use devices there are among these; returns whether something had to be. */
    private boolean keptBack(List<AllocationDelta> amounts) {
        return scene.outlook()
                .keepBack(amounts.stream()
                        .filter(amount -> amount.wanted() > 0)
                        .map(AllocationDelta::uuid)
                        .collect(Collectors.toSet()));
    }

    /** What was done for this consumer is taken back; and the others can only follow if Placement answers again. */
    private AllocationHealer.HealResult failed(DesiredAllocation holding, String why) {
        AllocationHealer.HealResult result;
        try {
            boolean undone = ledger.rollBack();
            result = said(
                    holding,
                    undone ? AllocationHealer.Outcome.ROLLED_BACK : AllocationHealer.Outcome.FAILED,
                    "UpdateFailed",
                    why + (undone ? " What was done for this consumer before is taken back." : ""));
        } catch (PlacementException e) {
            return said(
                    holding,
                    AllocationHealer.Outcome.BROKEN,
                    "RollbackFailed",
                    "%s What was done for this consumer before could not be taken back: %s Compare what consumer %s has in Placement with its PciAllocation; run heal again once Placement answers."
                            .formatted(why, e.getMessage(), holding.consumer().uuid()));
        }
        return result;
    }

    private static AllocationHealer.HealResult healed(
            DesiredAllocation holding,
            AllocationHealer.Outcome result,
            List<AllocationDelta> amounts,
            Optional<AllocationProblem> amiss) {
        return new AllocationHealer.HealResult(
                holding.name(),
                holding.consumer().uuid(),
                result,
                amiss.map(AllocationProblem::reason).orElse(null),
                amiss.map(AllocationProblem::message).orElse(null),
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

    private static AllocationHealer.HealResult left(DesiredAllocation holding, String reason, String message) {
        return said(holding, AllocationHealer.Outcome.LEFT, reason, message);
    }

    private static AllocationHealer.HealResult said(
            DesiredAllocation holding, AllocationHealer.Outcome result, String reason, String message) {
        return new AllocationHealer.HealResult(
                holding.name(), holding.consumer().uuid(), result, reason, message, List.of());
    }
}
