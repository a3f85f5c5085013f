package io.pciplacement.cli.maintenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pciplacement.api.v1alpha1.HostPciInventorySpec.QuarantineEntry;
import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.maintenance.QuarantineEditor.Change;
import io.pciplacement.cli.maintenance.QuarantineEditor.QuarantineEdit;
import io.pciplacement.pci.PciAddress;
import org.junit.jupiter.api.Test;

/** Edits of spec.quarantine: other entries are never lost. */
class QuarantineEditorTest {

    private static final PciAddress FIRST = PciAddress.parse("0000:81:00.0").orElseThrow();
    private static final PciAddress SECOND = PciAddress.parse("0000:82:00.0").orElseThrow();
    private static final PciAddress VF = PciAddress.parse("0000:83:00.1").orElseThrow();

    private static final String ONE = """
            spec:
              reporting: Enabled
              quarantine: [{address: "0000:81:00.0", reason: ECC}]
            status:
              devices:
              - address: "0000:83:00.0"
                type: PF
                vendorId: "8086"
                productId: "1528"
                sriov: {totalVfs: 1, numVfs: 1, vfProductId: "1515", vfs: [{address: "0000:83:00.1", index: 0}]}
            """;

    private final FakeHostStore store = new FakeHostStore(ONE);
    private final QuarantineEditor editor = new QuarantineEditor(store);

    @Test
    void entryIsAddedToOthers() {
        QuarantineEdit edit = editor.quarantineDevice("gpu-07", SECOND, "Link");
        assertThat(edit.change()).isEqualTo(Change.Added);
        assertThat(edit.previousReason()).isNull();
        assertThat(QuarantineEditor.entriesOf(store.host()))
                .containsExactly(
                        new QuarantineEntry("0000:81:00.0", "ECC"), new QuarantineEntry("0000:82:00.0", "Link"));
        assertThat(store.host().isReportingEnabled()).isTrue();
    }

    @Test
    void firstEntryIsAdded() {
        FakeHostStore empty = new FakeHostStore("spec: {}");
        new QuarantineEditor(empty).quarantineDevice("gpu-07", FIRST, "ECC");
        assertThat(QuarantineEditor.findReason(empty.host(), FIRST)).contains("ECC");
    }

    @Test
    void entryWithTheSameReasonIsNotWritten() {
        QuarantineEdit edit = editor.quarantineDevice("gpu-07", FIRST, "ECC");
        assertThat(edit.change()).isEqualTo(Change.Unchanged);
        assertThat(store.writes()).isEmpty();
    }

    @Test
    void anotherReasonReplacesTheReason() {
        QuarantineEdit edit = editor.quarantineDevice("gpu-07", FIRST, "Fan");
        assertThat(edit.change()).isEqualTo(Change.ReasonChanged);
        assertThat(edit.previousReason()).isEqualTo("ECC");
        assertThat(QuarantineEditor.entriesOf(store.host()))
                .containsExactly(new QuarantineEntry("0000:81:00.0", "Fan"));
    }

    @Test
    void entryOfAnotherClientIsKept() {
        store.beforeNextWrite(() -> store.changeHost("""
                spec: {quarantine: [{address: "0000:81:00.0", reason: ECC}, {address: "0000:84:00.0", reason: Other}]}
                """));
        editor.quarantineDevice("gpu-07", SECOND, "Link");
        assertThat(QuarantineEditor.entriesOf(store.host()))
                .extracting(QuarantineEntry::address)
                .containsExactly("0000:81:00.0", "0000:84:00.0", "0000:82:00.0");
    }

    @Test
    void entryOfAnotherClientIsKeptWhenADeviceIsReleased() {
        store.beforeNextWrite(() -> store.changeHost("""
                spec: {quarantine: [{address: "0000:81:00.0", reason: ECC}, {address: "0000:84:00.0", reason: Other}]}
                """));
        QuarantineEdit edit = editor.releaseDevice("gpu-07", FIRST);
        assertThat(edit.change()).isEqualTo(Change.Removed);
        assertThat(edit.previousReason()).isEqualTo("ECC");
        assertThat(QuarantineEditor.entriesOf(store.host()))
                .containsExactly(new QuarantineEntry("0000:84:00.0", "Other"));
    }

    @Test
    void fieldIsRemovedWithTheLastEntry() {
        editor.releaseDevice("gpu-07", FIRST);
        assertThat(store.writes()).containsExactly("{\"quarantine\":null}");
        assertThat(store.host().getSpec().quarantine()).isNull();
    }

    @Test
    void releaseOfAnotherDeviceListsTheQuarantinedOnes() {
        assertThatThrownBy(() -> editor.releaseDevice("gpu-07", SECOND))
                .isInstanceOf(CliException.class)
                .hasMessage(
                        "0000:82:00.0 of host gpu-07 is not quarantined itself; quarantined are: 0000:81:00.0 (ECC)");
        store.changeHost("spec: {}");
        assertThatThrownBy(() -> editor.releaseDevice("gpu-07", SECOND))
                .hasMessageEndingWith("no device of the host is");
        assertThat(store.writes()).isEmpty();
    }

    @Test
    void releaseOfAVfNamesItsQuarantinedPf() {
        editor.quarantineDevice("gpu-07", PciAddress.parse("0000:83:00.0").orElseThrow(), "Link");
        assertThatThrownBy(() -> editor.releaseDevice("gpu-07", VF))
                .hasMessageContaining("its PF 0000:83:00.0 is, with all VFs: pci release gpu-07 0000:83:00.0");
    }

    @Test
    void editIsGivenUpAfterManyConflicts() {
        for (int i = 0; i < HostSpecEditor.MAX_ATTEMPTS; i++) {
            store.beforeNextWrite(() -> store.changeHost("status: {observedGeneration: 1}"));
        }
        assertThatThrownBy(() -> editor.quarantineDevice("gpu-07", SECOND, "Link"))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("changed by other clients during each of 20 attempts; nothing was changed");
        assertThat(store.writes()).isEmpty();
    }

    @Test
    void editSucceedsInTheLastAttempt() {
        for (int i = 1; i < HostSpecEditor.MAX_ATTEMPTS; i++) {
            store.beforeNextWrite(() -> store.changeHost("status: {observedGeneration: 1}"));
        }
        editor.quarantineDevice("gpu-07", SECOND, "Link");
        assertThat(store.writes()).hasSize(1);
    }

    @Test
    void deletedHostIsNotEdited() {
        store.deleteHost(store.host());
        assertThatThrownBy(() -> editor.quarantineDevice("gpu-07", SECOND, "Link"))
                .hasMessageContaining("is being deleted; nothing was changed");
    }
}
