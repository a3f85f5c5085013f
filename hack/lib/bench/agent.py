"""agent.py OUT ...: starts the agent repeatedly with the options of the chart, and measures it.

The API server is part of this script: it accepts every request and records the time, so that only the agent is measured.
"""
import argparse
import http.server
import json
import os
import pathlib
import shlex
import ssl
import statistics
import subprocess
import threading
import time
import uuid

from results import row, write_section

parser = argparse.ArgumentParser()
parser.add_argument("out", type=pathlib.Path)
for name in ("rounds", "starts", "idle"):
    parser.add_argument(f"--{name}", type=int)
for name in ("java", "cached", "cache", "scanner", "c"):
    parser.add_argument(f"--{name}")
options = parser.parse_args()
here = options.out / "agent"
big = here / "sys"
LIMIT = 96 << 20


class Api(http.server.BaseHTTPRequestHandler):
    """Accepts every request; keeps the devices, which the agent reads from time to time, and when they were written."""
    protocol_version = "HTTP/1.1"
    NOTHING = b'{"metadata":{"name":"bench"},"spec":{}}'
    shown = NOTHING
    published = threading.Event()
    at = 0.0
    writes = 0

    def response(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.command == "PATCH" and "/status" in self.path:
            Api.at, Api.writes, Api.shown = time.perf_counter(), Api.writes + 1, body
            Api.published.set()
        version = b'"metadata":{"resourceVersion":"%d"' % Api.writes
        metadata_only = "as=PartialObjectMetadata" in self.headers.get("Accept", "")
        answer = b"{%s}}" % version if metadata_only else Api.shown.replace(b'"metadata":{', version + b",", 1)
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_PATCH = do_POST = response

    def log_message(self, *_):
        pass


class Agent:
    """One agent process."""

    def __init__(self, command, sysfs, limit=None, rescan="5m", settings=None):
        Api.published.clear()
        Api.shown = Api.NOTHING
        environment = {"NODE_NAME": "bench", "PCI_AGENT_NAMESPACE": "bench", "PCI_AGENT_SYSFS": str(sysfs), "PCI_AGENT_RESCAN_INTERVAL": rescan,
                       "PCI_AGENT_API_SERVER": f"https://127.0.0.1:{port}", "PCI_AGENT_TOKEN_FILE": str(here / "token"),
                       "PCI_AGENT_CA_FILE": str(here / "ca.crt"), "PATH": os.environ["PATH"], **(settings or {})}
        self.log = (here / "agent.log").open("ab")
        self.start = time.perf_counter()
        self.process = subprocess.Popen(shlex.split(command) + ["io.pciplacement.agent.AgentMain"], env=environment,
                                        stderr=self.log, preexec_fn=(lambda: limit.join()) if limit else None)
        if not Api.published.wait(60):
            raise SystemExit(f"error: the agent has not published within a minute: see {here}/agent.log")
        self.seconds = Api.at - self.start

    def read(self, file):
        return pathlib.Path(f"/proc/{self.process.pid}/{file}").read_text()

    def memory(self):
        """Anonymous and all resident memory, in MiB."""
        status = dict(line.split(":", 1) for line in self.read("status").splitlines())
        return tuple(int(status[key].split()[0]) / 1024 for key in ("RssAnon", "VmRSS"))

    def processor(self):
        """CPU time of all threads in seconds."""
        fields = self.read("stat").rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def reads(self):
        return int(dict(line.split(": ") for line in self.read("io").splitlines())["syscr"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        self.log.close()


class Limit:
    """A cgroup (v1 or v2) with a memory limit, if one can be created."""

    NAMES = ((".", "memory.max", "memory.peak"), ("memory", "memory.limit_in_bytes", "memory.max_usage_in_bytes"))

    def __init__(self):
        self.path = None
        for controller, limit, peak in self.NAMES:
            path = pathlib.Path("/sys/fs/cgroup", controller, f"pci-bench-{os.getpid()}")
            if not list(path.parent.glob("cgroup.procs")):
                continue
            try:
                path.mkdir()
                (path / limit).write_text(str(LIMIT))
                self.path, self.most = path, path / peak
                return
            except OSError:
                if path.is_dir():
                    path.rmdir()

    def join(self):
        (self.path / "cgroup.procs").write_text(str(os.getpid()))

    def peak(self):
        return int(self.most.read_text()) / 2**20

    def close(self):
        if self.path:
            self.path.rmdir()


def scan_rows():
    """Rows about the scan. C and Java alternate."""
    java = f"{options.java.replace('-cp ', '-cp ' + options.scanner + ':', 1)} io.pciplacement.agent.sysfs.ScanBenchmarkDriver"
    runs = {"java": [], "c": []}
    for _ in range(3):
        for name, command in (("c", options.c), ("java", java)):
            if command:
                response = subprocess.run(shlex.split(command) + [str(big), str(options.rounds)], check=True,
                                        stdout=subprocess.PIPE, text=True)
                runs[name].append(json.loads(response.stdout))
    count = runs["java"][0]["devices"]
    assert all(run["devices"] == count for name in runs for run in runs[name]), runs
    for unit, name in (("processor", "CPU time"), ("clock", "time")):
        agent = min(run[unit] for run in runs["java"]) / 1000
        c = ("C program that reads the same files", min(run[unit] for run in runs["c"]) / 1000) if runs["c"] else None
        yield row(f"one scan of {count:,} devices, warm: {name}", agent, "ms", reference=c,
                          ratio_budget=1.5 if c and unit == "processor" else None)


def start_rows():
    took = {"cached": [], "java": []}
    for _ in range(options.starts):
        for name in took:
            with Agent(getattr(options, name), "/sys") as agent:
                took[name].append((agent.seconds, agent.processor()))
    clock, processor = ({name: statistics.median(run[i] for run in runs) for name, runs in took.items()} for i in (0, 1))
    yield row("start to first publish, this machine's devices", clock["cached"], "s", budget=0.5,
                      reference=("without the AOT cache", clock["java"]))
    yield row("CPU time until the first publish", processor["cached"], "s",
                      reference=("without the AOT cache", processor["java"]))


def big_host_rows():
    limit = Limit()
    try:
        with Agent(options.cached, big, limit if limit.path else None, "1s") as agent:
            yield row("start to first publish, 2,051 devices", agent.seconds, "s", budget=1)
            # A tree outside of /sys is polled. After this many reads the agent has scanned it several times.
            before, end = agent.reads(), time.monotonic() + 90
            while agent.reads() < before + 30_000 and time.monotonic() < end:
                time.sleep(0.5)
            anonymous, resident = agent.memory()
            yield row("anonymous memory with 2,051 devices", anonymous, "MiB", budget=64,
                              note=f"{resident:.0f} MiB resident" +
                                   (", with a limit of 96 MiB" if limit.path else "; without a cgroup"))
            if limit.path:
                yield row("peak memory of its cgroup", limit.peak(), "MiB", budget=96)
    finally:
        limit.close()


def rest_rows():
    with Agent(options.cached, "/sys") as agent:
        time.sleep(2)
        before, reads = agent.processor(), agent.reads()
        time.sleep(options.idle)
        yield row("CPU time when idle, per minute",
                          round((agent.processor() - before) * 60 / options.idle * 1000), "ms", budget=60,
                          note="with the renewals of its Lease and the checks of its published devices")
        yield row("file reads when idle, per minute", (agent.reads() - reads) * 60 / options.idle, "",
                          note="a scan has several hundred")
        event = next(iter(sorted(pathlib.Path("/sys/bus/pci/devices").glob("*/uevent"))), None)
        if event is None or not os.access(event, os.W_OK):
            return
        delays = []
        for _ in range(5):
            reads, start = agent.reads(), time.perf_counter()
            event.write_text("change")
            while agent.reads() - reads < 10 and time.perf_counter() - start < 20:
                time.sleep(0.002)
            delays.append(time.perf_counter() - start)
            time.sleep(1)
        yield row("uevent to scan", statistics.median(delays), "s", budget=1,
                          note="with 0.1 s of debouncing")


class Libvirtd:
    """A daemon of libvirt whose test driver has a number of domains with two devices each."""

    def __init__(self, domains):
        self.directory = here / "libvirt"
        (self.directory / "drivers").mkdir(parents=True)
        (self.directory / "libvirtd.conf").write_text(
            f'listen_tls = 0\nunix_sock_dir = "{self.directory}"\nauth_unix_ro = "none"\nauth_unix_rw = "none"\n')
        for number in range(domains):
            (self.directory / f"{number}.xml").write_text(self.domain(number))
        node = "".join(f"<domain file='{number}.xml'/>" for number in range(domains))
        (self.directory / "node.xml").write_text(f"<node>{node}</node>")

    def domain(self, number):
        devices = "".join(
            f"<hostdev mode='subsystem' type='pci' managed='yes'><source>"
            f"<address domain='0x0000' bus='{0x20 + number:#04x}' slot='0x00' function='{function:#x}'/></source></hostdev>"
            for function in (0, 1))
        return (f"<domain type='test'><name>instance-{number:08x}</name><uuid>{uuid.UUID(int=number + 1)}</uuid><metadata>"
                "<nova:instance xmlns:nova='http://openstack.org/xmlns/libvirt/nova/1.1'>"
                f"<nova:name>server-{number}</nova:name><nova:owner><nova:user uuid='u'>user</nova:user>"
                "<nova:project uuid='p'>project</nova:project></nova:owner></nova:instance></metadata>"
                f"<memory>8192</memory><os><type>hvm</type></os><devices>{devices}</devices></domain>")

    def settings(self):
        return {"PCI_AGENT_LIBVIRT_SOCKET": str(self.directory / "libvirt-sock-ro"),
                "PCI_AGENT_LIBVIRT_URI": f"test://{self.directory}/node.xml"}

    def __enter__(self):
        # Other drivers than the one for tests, which is part of the library, are not loaded.
        self.process = subprocess.Popen(
            ["libvirtd", "-f", str(self.directory / "libvirtd.conf"), "-p", str(self.directory / "pid")],
            env={**os.environ, "LIBVIRT_DRIVER_DIR": str(self.directory / "drivers")},
            stdout=(self.directory / "log").open("wb"), stderr=subprocess.STDOUT)
        self.wait_for(lambda: (self.directory / "libvirt-sock-ro").exists())
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(20)

    def wait_for(self, condition):
        end = time.monotonic() + 60
        while not condition():
            if time.monotonic() > end or self.process.poll() is not None:
                raise SystemExit(f"error: libvirtd does not work: see {self.directory}/log")
            time.sleep(0.1)

    def processor(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def libvirt_rows():
    domains = 100
    with Libvirtd(domains) as daemon:
        def shown():
            return Api.shown.count(b'"serverUuid"') == domains

        with Agent(options.cached, big, settings=daemon.settings()) as agent:
            daemon.wait_for(shown)
            anonymous, resident = agent.memory()
            yield row(f"anonymous memory with 2,051 devices and {domains} domains", anonymous, "MiB", budget=64,
                      note=f"{resident:.0f} MiB resident")
        # A tree outside of /sys would be scanned from time to time.
        with Agent(options.cached, "/sys", settings=daemon.settings()) as agent:
            daemon.wait_for(shown)
            time.sleep(2)
            start, before, reads = time.monotonic(), agent.processor(), daemon.processor()
            time.sleep(options.idle)
            seconds = time.monotonic() - start
            yield row(f"CPU time when idle with {domains} domains, per minute",
                      round((agent.processor() - before) * 60 / seconds * 1000), "ms", budget=60,
                      reference=("libvirtd", round((daemon.processor() - reads) * 60 / seconds * 1000)),
                      note="with a request every 30 s, and a listing every 5 minutes")


(here / "token").write_text("bench")
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
server.daemon_threads = True
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(here / "ca.crt", here / "key")
server.socket = tls.wrap_socket(server.socket, server_side=True)
port = server.server_address[1]
threading.Thread(target=server.serve_forever, daemon=True).start()

rows = [*scan_rows(), *start_rows(), *big_host_rows(), *rest_rows(), *libvirt_rows()]
write_section(options.out, "agent", "The node agent", (
    "With the chart's flags, with TLS, and an API server that responds immediately. The scans of C and Java alternate; the "
    "sysfs tree is the capture of a host with 2,032 VFs, on disk."), rows)
