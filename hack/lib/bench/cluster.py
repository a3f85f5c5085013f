"""Client of a cluster of hack/local, and its processes."""
import base64
import http.client
import json
import os
import pathlib
import re
import ssl
import subprocess
import threading
import time
import urllib.parse

import yaml

GROUP = "/apis/pciplacement.io/v1alpha1"
TICKS = os.sysconf("SC_CLK_TCK")


class Api:
    """Client of its API server with administrator rights. Each thread has its own persistent connection."""

    def __init__(self, cluster):
        config = yaml.safe_load((pathlib.Path(cluster) / "kubeconfig").read_text())
        server = config["clusters"][0]["cluster"]
        self.address = urllib.parse.urlsplit(server["server"]).netloc
        self.token = config["users"][0]["user"]["token"]
        self.tls = ssl.create_default_context(cadata=base64.b64decode(server["certificate-authority-data"]).decode())
        self.local = threading.local()

    def ask(self, method, path, body=None, content="application/json", accept="application/json"):
        """Returns the parsed response. Fails with the error of the API server."""
        try:
            response = self.send(method, path, body, content, accept)
        except http.client.RemoteDisconnected:
            # The API server closes connections that have been idle for minutes.
            del self.local.connection
            response = self.send(method, path, body, content, accept)
        text = response.read()
        if response.status >= 300:
            raise SystemExit(f"error: {method} {path}: {response.status}: {text[:500].decode()}")
        return json.loads(text)

    def send(self, method, path, body, content, accept):
        if not hasattr(self.local, "connection"):
            self.local.connection = http.client.HTTPSConnection(self.address, context=self.tls, timeout=120)
        self.local.connection.request(method, path, body and json.dumps(body), {
            "Authorization": f"Bearer {self.token}", "Content-Type": content, "Accept": accept})
        return self.local.connection.getresponse()

    def create(self, path, body):
        return self.ask("POST", path, body)

    def apply(self, path, body, manager):
        return self.ask("PATCH", f"{path}?fieldManager={manager}", body, "application/apply-patch+yaml")

    def column(self, plural, *names):
        """These columns of kubectl get for every object: much smaller than the objects."""
        response = self.ask("GET", f"{GROUP}/{plural}?includeObject=None&resourceVersion=0",
                          accept="application/json;as=Table;v=v1;g=meta.k8s.io")
        indexes = [[column["name"] for column in response["columnDefinitions"]].index(name) for name in names]
        return [tuple(row["cells"][index] for index in indexes) for row in response.get("rows") or ()]


def stat_fields(process):
    """The fields of stat in a directory of /proc, from the state on."""
    return (process / "stat").read_text().rsplit(") ", 1)[1].split()


class Process:
    """A process of hack/local."""

    def __init__(self, cluster, name):
        self.directory = pathlib.Path("/proc") / pathlib.Path(cluster, "run", f"{name}.pid").read_text().split()[0]

    def fields(self):
        return stat_fields(self.directory)

    def age(self):
        return time.clock_gettime(time.CLOCK_BOOTTIME) - int(self.fields()[19]) / TICKS

    def processor(self):
        """CPU time of all threads in seconds."""
        return sum(map(int, self.fields()[11:13])) / TICKS

    def memory(self):
        """Resident memory in MiB: current and peak."""
        lines = dict(line.split(":", 1) for line in (self.directory / "status").read_text().splitlines())
        return tuple(int(lines[key].split()[0]) / 1024 for key in ("VmRSS", "VmHWM"))

    def live(self):
        """Used heap of a JVM in MiB after a full collection."""
        def jcmd(command):
            return subprocess.run([(self.directory / "exe").resolve().parent / "jcmd", self.directory.name, command], check=True,
                                  stdout=subprocess.PIPE, text=True).stdout
        jcmd("GC.run")
        used = re.findall(r"(?:DefNew|Tenured).*used (\d+)K", jcmd("GC.heap_info"))
        assert len(used) == 2, used  # output of the serial collector
        return sum(map(int, used)) / 1024


class Service:
    """Placement in a directory of hack/local or of build.sh, with its workers and its database server, if it has them."""

    def __init__(self, directory):
        self.processes = [Process(directory, name) for name in ("placement", "postgres")
                          if pathlib.Path(directory, "run", f"{name}.pid").exists()]

    def processor(self):
        """CPU time of all processes in seconds, including those that have ended."""
        parents = [process.directory.name for process in self.processes]
        found = subprocess.run(["pgrep", "-P", ",".join(parents)], stdout=subprocess.PIPE, text=True)
        total = 0
        for pid in parents + found.stdout.split():
            try:
                total += sum(map(int, stat_fields(pathlib.Path("/proc", pid))[11:15]))
            except FileNotFoundError:
                pass  # it has ended; its parent counts it, perhaps too late for this call
        return total / TICKS
