"""A cluster of hack/local, for what hack/bench asks of it."""
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
    """Asks its API server as one who may do anything; each thread has a connection of its own, which stays open."""

    def __init__(self, cluster):
        config = yaml.safe_load((pathlib.Path(cluster) / "kubeconfig").read_text())
        server = config["clusters"][0]["cluster"]
        self.place = urllib.parse.urlsplit(server["server"]).netloc
        self.token = config["users"][0]["user"]["token"]
        self.tls = ssl.create_default_context(cadata=base64.b64decode(server["certificate-authority-data"]).decode())
        self.local = threading.local()

    def ask(self, method, path, body=None, content="application/json", accept="application/json"):
        """The answer, read. Fails with what the API server says."""
        if not hasattr(self.local, "connection"):
            self.local.connection = http.client.HTTPSConnection(self.place, context=self.tls, timeout=120)
        self.local.connection.request(method, path, body and json.dumps(body), {
            "Authorization": f"Bearer {self.token}", "Content-Type": content, "Accept": accept})
        answer = self.local.connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"error: {method} {path}: {answer.status}: {text[:500].decode()}")
        return json.loads(text)

    def create(self, path, body):
        return self.ask("POST", path, body)

    def apply(self, path, body, manager):
        return self.ask("PATCH", f"{path}?fieldManager={manager}", body, "application/apply-patch+yaml")

    def column(self, plural, *names):
        """What kubectl get would show of each object in these columns: far smaller than the objects."""
        answer = self.ask("GET", f"{GROUP}/{plural}?includeObject=None&resourceVersion=0",
                          accept="application/json;as=Table;v=v1;g=meta.k8s.io")
        places = [[column["name"] for column in answer["columnDefinitions"]].index(name) for name in names]
        return [tuple(row["cells"][place] for place in places) for row in answer.get("rows") or ()]


class Process:
    """One of hack/local's processes."""

    def __init__(self, cluster, name):
        self.folder = pathlib.Path("/proc") / pathlib.Path(cluster, "run", f"{name}.pid").read_text().split()[0]

    def fields(self):
        return (self.folder / "stat").read_text().rsplit(") ", 1)[1].split()

    def age(self):
        return time.clock_gettime(time.CLOCK_BOOTTIME) - int(self.fields()[19]) / TICKS

    def processor(self):
        """Seconds of the processor, of all threads."""
        return sum(map(int, self.fields()[11:13])) / TICKS

    def memory(self):
        """MiB resident, now and at most so far."""
        lines = dict(line.split(":", 1) for line in (self.folder / "status").read_text().splitlines())
        return tuple(int(lines[key].split()[0]) / 1024 for key in ("VmRSS", "VmHWM"))

    def live(self):
        """MiB of its heap that are in use after a full collection; it is a JVM."""
        def tell(what):
            return subprocess.run([(self.folder / "exe").resolve().parent / "jcmd", self.folder.name, what], check=True,
                                  stdout=subprocess.PIPE, text=True).stdout
        tell("GC.run")
        used = re.findall(r"(?:DefNew|Tenured).*used (\d+)K", tell("GC.heap_info"))
        assert len(used) == 2, used  # as the serial collector tells it
        return sum(map(int, used)) / 1024
