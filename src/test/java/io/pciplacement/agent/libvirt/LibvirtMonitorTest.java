package io.pciplacement.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pciplacement.pci.AttachedServer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Tests of what the monitor reads of libvirt's domains, and how often. */
class LibvirtMonitorTest extends LibvirtMonitorFixture {

    @Test
    void listsRunningAndStoppedDomainsWithDevices() {
        AttachmentScan scan = monitor.scan();
        assertThat(devices(scan)).containsExactly("1 0000:81:00.0", "2 0000:81:01.0");
        assertThat(incomplete(scan)).isNull();
        assertThat(((AttachmentScan.Complete) scan).servers())
                .extracting(AttachedServer::running)
                .containsExactly(true, false);
    }

    @Test
    void reportsOnlyResultsThatDiffer() throws IOException {
        monitor.poll();
        monitor.poll();
        assertThat(results).hasSize(1);
        libvirt.define(PLAIN, gpu(2));
        libvirt.sendEvent(PLAIN);
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            monitor.poll();
            return results.size() == 2;
        });
        assertThat(devices(List.copyOf(results).getLast())).hasSize(3);
        monitor.poll();
        assertThat(results).hasSize(2);
    }

    @Test
    void idlePollIsOneListing() {
        monitor.scan();
        libvirt.calls.clear();
        for (int poll = 0; poll < 20; poll++) {
            monitor.scan();
        }
        assertThat(libvirt.calls)
                .containsOnly(Procedure.CONNECT_LIST_ALL_DOMAINS)
                .hasSize(20);
    }

    /** The work of a listing of all domains every 30 s exceeds the budget of an idle agent. */
    @Test
    void idlePollWithEventsIsARequestForTheVersion() {
        monitor.poll();
        libvirt.calls.clear();
        for (int poll = 0; poll < 20; poll++) {
            monitor.poll();
        }
        assertThat(count(Procedure.CONNECT_LIST_ALL_DOMAINS)).isEqualTo(2);
        assertThat(libvirt.calls)
                .containsOnly(Procedure.CONNECT_GET_LIB_VERSION, Procedure.CONNECT_LIST_ALL_DOMAINS)
                .hasSize(20);
    }

    @Test
    void changeWithoutAnEventIsFoundByALaterPoll() {
        monitor.poll();
        libvirt.define(new Domain("new", UUID.randomUUID(), 9), gpu(2));
        int polls = 0;
        while (results.size() < 2) {
            monitor.poll();
            polls++;
            assertThat(polls).isLessThanOrEqualTo(10);
        }
        assertThat(devices(List.copyOf(results).getLast())).hasSize(3);
    }

    @Test
    void daemonThatStopsRespondingIsReportedByAnIdlePoll() {
        monitor.poll();
        libvirt.fault = (procedure, serial, out) -> false;
        monitor.poll();
        assertThat(reason(List.copyOf(results).getLast())).isEqualTo("libvirt does not respond");
        libvirt.fault = (procedure, serial, out) -> true;
        monitor.poll();
        assertThat(devices(List.copyOf(results).getLast())).hasSize(2);
    }

    @Test
    void startedAndStoppedAndDeletedDomainsAreRead() {
        monitor.scan();
        libvirt.calls.clear();
        Domain started = new Domain(SECOND.name(), SECOND.uuid(), 5);
        libvirt.define(started, gpu(2));
        libvirt.undefine(FIRST.uuid());
        assertThat(devices(monitor.scan())).containsExactly("2 0000:81:02.0");
        assertThat(count(Procedure.DOMAIN_GET_XML_DESC)).isEqualTo(1);
    }

    /** The domain's id does not change if a device is attached while it runs. */
    @Test
    void domainOfAnEventIsReadAgain() throws IOException {
        monitor.scan();
        libvirt.define(FIRST, gpu(0) + gpu(4));
        assertThat(devices(monitor.scan())).doesNotContain("1 0000:81:04.0");
        libvirt.sendEvent(FIRST);
        libvirt.calls.clear();
        // The event arrives with the response to the listing at the latest.
        monitor.scan();
        assertThat(devices(monitor.scan())).contains("1 0000:81:04.0");
        assertThat(count(Procedure.DOMAIN_GET_XML_DESC)).isEqualTo(1);
    }

    @Test
    void allDomainsAreReadNowAndThenIfLibvirtReportsNoEvents() {
        libvirt.events = false;
        monitor.scan();
        libvirt.define(FIRST, gpu(4));
        int polls = 1;
        while (!devices(monitor.scan()).contains("1 0000:81:04.0")) {
            polls++;
            assertThat(polls).isLessThanOrEqualTo(6);
        }
        assertThat(polls).isGreaterThan(2);
    }

    @Test
    void eventCausesPoll() throws Exception {
        Thread thread = Thread.ofPlatform().start(monitor);
        try {
            assertThat(devices(results.poll(10, TimeUnit.SECONDS))).hasSize(2);
            libvirt.define(FIRST, gpu(4));
            libvirt.sendEvent(FIRST);
            // The next poll would be in ten seconds.
            assertThat(devices(results.poll(5, TimeUnit.SECONDS))).contains("1 0000:81:04.0");
        } finally {
            thread.interrupt();
            assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
        }
    }
}
