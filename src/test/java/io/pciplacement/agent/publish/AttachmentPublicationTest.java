package io.pciplacement.agent.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.agent.libvirt.AttachmentScan;
import io.pciplacement.agent.sysfs.ScanResult;
import io.pciplacement.agent.sysfs.SkippedDevices;
import io.pciplacement.pci.AttachedServer;
import io.pciplacement.pci.AttachmentKind;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The attachments in the object of the host: when they are written, and what stays if libvirt is not reachable. */
class AttachmentPublicationTest extends InventoryPublisherFixture {

    private static final ScanResult DEVICES = new ScanResult.Complete(
            new HostDevices(List.of(SerializedDeviceListTest.plain(1, "nvme", 1))), SkippedDevices.NONE, List.of());
    private static final AttachmentScan ONE = complete(server(1, 1));
    private static final AttachmentScan TWO = complete(server(1, 1), server(2, 3));
    private static final AttachmentScan FAILED = new AttachmentScan.Failed("libvirt does not respond");

    private InventoryPublisher publisher;

    @BeforeEach
    void start() {
        publisher = publisher(true);
    }

    private InventoryPublisher publisher(boolean readsLibvirt) {
        InventoryPublisher created = publisher("1.0", readsLibvirt);
        created.submit(DEVICES, NOW);
        return created;
    }

    private static AttachmentScan complete(AttachedServer... servers) {
        return new AttachmentScan.Complete(List.of(servers), null);
    }

    /** A server with the first functions of a bus. */
    private static AttachedServer server(int number, int devices) {
        TreeMap<PciAddress, AttachmentKind> addresses = new TreeMap<>();
        IntStream.range(0, devices)
                .forEach(i -> addresses.put(
                        new PciAddress(number, 1 + i / 256, i / 8 % 32, i % 8),
                        i % 2 == 0 ? AttachmentKind.DEVICE : AttachmentKind.INTERFACE));
        return new AttachedServer(new UUID(0, number), "web-" + number, "p", null, number % 2 == 1, addresses);
    }

    private void publish(AttachmentScan scan, int second) {
        publisher.submitAttachments(scan, NOW.plusSeconds(second));
        publisher.reconcile();
    }

    private JsonNode libvirt() {
        return api.status().path("agent").path("libvirt");
    }

    private JsonNode attachments() {
        return api.status().path("attachments");
    }

    @Test
    void attachmentsArePublishedWithTheDevices() {
        publish(TWO, 0);
        assertThat(api.requests("PATCH")).hasSize(1);
        assertThat(attachments().toString()).isEqualTo("""
                        [{"serverUuid":"00000000-0000-0000-0000-000000000001","serverName":"web-1","projectId":"p","running":true,\
                        "devices":[{"address":"0001:01:00.0","kind":"Device"}]},\
                        {"serverUuid":"00000000-0000-0000-0000-000000000002","serverName":"web-2","projectId":"p","running":false,\
                        "devices":[{"address":"0002:01:00.0","kind":"Device"},{"address":"0002:01:00.1","kind":"Interface"},\
                        {"address":"0002:01:00.2","kind":"Device"}]}]""");
        assertThat(libvirt().path("reachable").asBoolean()).isTrue();
        assertThat(libvirt().path("incomplete").asBoolean()).isFalse();
        assertThat(libvirt().path("lastTransitionTime").asText()).isEqualTo(NOW.toString());
        assertThat(libvirt().path("attachmentsHash").asText()).startsWith("sha256:");
        assertThat(libvirt().has("error")).isFalse();
        assertThat(api.status().path("devices")).hasSize(1);
    }

    @Test
    void onlyChangesAreWritten() {
        publish(ONE, 0);
        assertThat(publisher.submitAttachments(complete(server(1, 1)), NOW.plusSeconds(9)))
                .isFalse();
        publisher.reconcile();
        assertThat(api.requests("PATCH")).hasSize(1);
        assertThat(publisher.submitAttachments(TWO, NOW.plusSeconds(10))).isTrue();
        publisher.reconcile();
        assertThat(api.requests("PATCH")).hasSize(2);
        assertThat(attachments()).hasSize(2);
        publish(complete(), 20);
        assertThat(attachments().isArray()).isTrue();
        assertThat(attachments()).isEmpty();
    }

    @Test
    void lastAttachmentsAreKeptWhileLibvirtIsNotReachable() {
        publish(ONE, 0);
        publish(FAILED, 10);
        publish(FAILED, 20);
        assertThat(api.requests("PATCH")).hasSize(2);
        assertThat(attachments()).hasSize(1);
        assertThat(libvirt().path("reachable").asBoolean()).isFalse();
        assertThat(libvirt().path("error").asText()).isEqualTo("libvirt does not respond");
        assertThat(libvirt().path("lastTransitionTime").asText())
                .isEqualTo(NOW.plusSeconds(10).toString());
        publish(ONE, 30);
        assertThat(libvirt().path("reachable").asBoolean()).isTrue();
        assertThat(libvirt().has("error")).isFalse();
        assertThat(libvirt().path("lastTransitionTime").asText())
                .isEqualTo(NOW.plusSeconds(30).toString());
    }

    /** Server-side apply would remove them if they were missing from the next write. */
    @Test
    void attachmentsOfThePreviousAgentAreKeptUntilLibvirtIsRead() {
        publish(TWO, 0);
        String before = attachments().toString();
        publisher = publisher(true);
        publisher.reconcile();
        publish(FAILED, 60);
        assertThat(api.requests("PATCH")).hasSize(2);
        assertThat(attachments().toString()).isEqualTo(before);
        publish(ONE, 70);
        assertThat(attachments()).hasSize(1);
    }

    @Test
    void restartWithoutAChangeWritesNothing() {
        publish(TWO, 0);
        publisher = publisher(true);
        publish(TWO, 60);
        assertThat(api.requests("PATCH")).hasSize(1);
    }

    @Test
    void firstScanMayFail() {
        publish(FAILED, 0);
        assertThat(libvirt().path("reachable").asBoolean()).isFalse();
        assertThat(libvirt().has("attachmentsHash")).isFalse();
        assertThat(attachments().isMissingNode()).isTrue();
    }

    @Test
    void attachmentsAreRemovedIfLibvirtIsNotReadAnyMore() {
        publish(TWO, 0);
        publisher = publisher(false);
        publisher.reconcile();
        assertThat(attachments().isMissingNode()).isTrue();
        assertThat(libvirt().isMissingNode()).isTrue();
        assertThat(api.status().path("devices")).hasSize(1);
    }

    @Test
    void attachmentsWaitForTheObject() {
        api.deleteInventory();
        publish(ONE, 0);
        publish(TWO, 10);
        api.createInventory();
        publisher.reconcile();
        assertThat(attachments()).hasSize(2);
        api.deleteInventory();
        publisher.reconcile();
        api.createInventory();
        publisher.reconcile();
        assertThat(attachments()).hasSize(2);
    }

    @Test
    void reasonOfAnIncompleteListIsPublished() {
        publish(new AttachmentScan.Complete(List.of(server(1, 1)), "domain x cannot be read"), 0);
        assertThat(libvirt().path("reachable").asBoolean()).isTrue();
        assertThat(libvirt().path("incomplete").asBoolean()).isTrue();
        assertThat(libvirt().path("error").asText()).isEqualTo("domain x cannot be read");
        publish(ONE, 10);
        assertThat(libvirt().path("incomplete").asBoolean()).isFalse();
        assertThat(libvirt().has("error")).isFalse();
    }

    /** A server is listed with all of its devices or not at all. */
    @Test
    void numbersOfServersAndDevicesAreLimited() {
        AttachedServer[] many = IntStream.rangeClosed(1, SerializedAttachments.MAX_SERVERS + 3)
                .mapToObj(number -> server(number, 1))
                .toArray(AttachedServer[]::new);
        publish(complete(many), 0);
        assertThat(attachments()).hasSize(SerializedAttachments.MAX_SERVERS);
        assertThat(libvirt().path("incomplete").asBoolean()).isTrue();
        assertThat(libvirt().path("error").asText()).startsWith("3 servers exceed the limits");

        publish(complete(server(1, 200), server(2, 2000), server(3, SerializedAttachments.MAX_DEVICES - 200)), 10);
        assertThat(attachments().findValuesAsText("serverName")).containsExactly("web-1", "web-3");
        assertThat(libvirt().path("error").asText()).startsWith("1 server exceeds");
    }
}
