package io.pciplacement.operator.host;

import static io.pciplacement.operator.host.HostStatusFixture.condition;
import static io.pciplacement.operator.host.HostStatusFixture.outcome;
import static io.pciplacement.operator.host.HostStatusFixture.statusFactory;
import static io.pciplacement.operator.host.HostStatusFixture.synced;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec.ReportingMode;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.NovaConfigStatus;
import io.pciplacement.operator.cluster.ClusterCache.Heartbeat;
import io.pciplacement.operator.novaconfig.NovaConfigResult;
import io.pciplacement.operator.novaconfig.NovaConfigResult.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The delivery of nova-compute's configuration in the status of a host. */
class NovaConfigPublishedConditionTest {

    private static final String TYPE = ConditionType.NOVA_CONFIG_PUBLISHED;
    private static final NovaConfigStatus CONFIG = new NovaConfigStatus("openstack/nova-pci-gpu-07", "abc");
    private static final Outcome REJECTED = new Outcome.Failed(ConditionReason.NOT_EXPORTABLE, "A tie.", false);

    private static HostPciInventoryStatus status(Outcome result, Condition... before) {
        HostPciInventory host = HostStatusFixture.host(
                ReportingMode.NOVA, false, HostPciInventoryStatus.EMPTY.operatorFieldsOnly(List.of(before)));
        return statusFactory(host, synced(), Heartbeat.ALIVE, false, new NovaConfigResult(CONFIG, result))
                .createStatus();
    }

    @Test
    void publishedConfigurationIsNamed() {
        HostPciInventoryStatus status = status(new Outcome.Published());
        assertThat(outcome(status.conditions(), TYPE)).isEqualTo("True Published");
        assertThat(status.novaConfig()).isEqualTo(CONFIG);
    }

    @Test
    void failureMakesTheHostUnready() {
        HostPciInventoryStatus status = status(REJECTED);
        assertThat(outcome(status.conditions(), TYPE)).isEqualTo("False NotExportable");
        assertThat(outcome(status.conditions(), "Ready")).isEqualTo("False NotExportable");
        assertThat(status.novaConfig()).as("the previous one").isEqualTo(CONFIG);
    }

    @Test
    void conditionIsRetainedWhileTheHostIsNotKnown() {
        Condition before = condition(TYPE, "False", "ConfigMapTaken", "Taken.");
        assertThat(outcome(status(new Outcome.Retained(), before).conditions(), TYPE))
                .isEqualTo("False ConfigMapTaken");
        assertThat(outcome(status(new Outcome.NotApplicable(), before).conditions(), TYPE))
                .isNull();
    }
}
