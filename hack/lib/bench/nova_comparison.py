"""nova_comparison.py OUT ...: runs the same steps with Nova's code and with the operator alternately on one Placement."""
import argparse
import json
import pathlib
import shlex
import statistics
import subprocess
import sys

from results import plot, row, write_section

STEPS = {
    "first": "first sync",
    "change": "class and traits of one provider changed",
    "quiet": "no change",
    "refresh": "no change, Nova's trait cache expired",
    "remove": "all devices removed",
}


class Driver:
    """A long-running process that executes steps and returns what they cost."""

    def __init__(self, name, command, pids):
        self.name, self.pids = name, pids
        self.process = subprocess.Popen(shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if name == "operator":
            self.run("connect", "-", 0)

    def placement_time(self):
        """CPU time of Placement in milliseconds. Unlike elapsed time, it does not depend on the load of the machine."""
        tasks = [task / "schedstat" for pid in self.pids for task in pathlib.Path(f"/proc/{pid}/task").iterdir()]
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e6

    def run(self, step, host, count):
        before = self.placement_time()
        self.process.stdin.write(f"{step} {host} {count}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"error: {self.name} ended at: {step} {host} {count}; its message is above")
        return {**json.loads(line), "placement": self.placement_time() - before}

    def run_all_steps(self, host, count):
        """All steps for one host. Each driver has its own hosts."""
        for step in STEPS:
            response = self.run(step, f"{self.name}-{host}", count)
            assert response["providers"] == (0 if step == "remove" else count), (self.name, step, count, response)
            yield step, response

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(20)


class Results:
    def __init__(self):
        self.responses = {}

    def take(self, kind, driver, host, count):
        for step, response in driver.run_all_steps(host, count):
            self.responses.setdefault((driver.name, kind, step, count), []).append(response)

    def median(self, driver, kind, step, count, what):
        return statistics.median(response[what] for response in self.responses[driver, kind, step, count])

    def row(self, name, kind, step, count, what, unit, **budgets):
        return row(name, self.median("operator", kind, step, count, what), unit,
                   reference=("Nova", self.median("nova", kind, step, count, what)), **budgets)


def measure(options, cold_size):
    results = Results()

    def start(name):
        return Driver(name, getattr(options, name), options.pids)

    for number in range(options.rounds):
        for name in ("nova", "operator"):
            with start(name) as driver:
                results.take("cold", driver, f"{options.name}-cold-{number}", cold_size)
    with start("nova") as nova, start("operator") as operator:
        for driver in (nova, operator):
            for number in range(3):
                results.take("warm-up", driver, f"{options.name}-warm-up-{number}", 8)
        for count in options.sizes:
            for number in range(options.rounds):
                # Alternate the order, because the database grows.
                for driver in (nova, operator) if number % 2 else (operator, nova):
                    results.take("warm", driver, f"{options.name}-{count}-{number}", count)
                print(f"  {count} providers, round {number + 1}", file=sys.stderr)
    return results


def rows(results, sizes, cold_size):
    for count in sizes:
        # An idle sweep lists the operator's providers and the root providers of compute services.
        most = {"first": 2 * count + 6, "change": 3, "quiet": 2, "refresh": 2}
        for step, name in STEPS.items():
            what = f"{name}, {count} provider{'s' if count > 1 else ''}"
            yield results.row(f"{what}: requests", "warm", step, count, "requests", "", budget=most.get(step))
            yield results.row(f"{what}: time", "warm", step, count, "ms", "ms", ratio_budget=0.6 if step == "first" else None)
            yield results.row(f"{what}: Placement's CPU time", "warm", step, count, "placement", "ms")
    yield results.row(f"first sync, {cold_size} providers, first host of the process: time", "cold", "first", cold_size, "ms", "ms")


def plots(results, sizes, database):
    for title, unit, step, what in (("Requests of a first sync", "requests", "first", "requests"),
                                    (f"Time of a first sync ({database})", "ms", "first", "ms"),
                                    ("Requests without a change", "requests", "refresh", "requests")):
        lines = {driver: [(n, results.median(key, "warm", step, n, what)) for n in sizes]
                 for key, driver in (("operator", "operator"), ("nova", "Nova"))}
        yield plot(title, "providers", unit, lines, log=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    for name in ("name", "database", "nova", "operator"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--sizes", type=lambda text: [int(n) for n in text.split(",")])
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--pids", type=lambda text: text.split(","), help="Placement's processes")
    options = parser.parse_args()
    cold_size = options.sizes[-2]
    results = measure(options, cold_size)
    write_section(options.out, options.name, f"Comparison with Nova: Placement on {options.database}", (
        "Nova 34's own PlacementView, ProviderTree and SchedulerReportClient, called as its resource tracker calls them, "
        "compared with the operator's PlacementSync and its HTTP client. Both run alternately in one long-running process "
        "each, on one Placement, each with its own hosts: N PCI devices with a custom class, a custom and a standard trait. "
        f"Medians of {options.rounds} hosts. Nova reads aggregates and traits of each provider every 5 minutes, "
        "allocations every minute; the operator's sweep reads the whole cloud in one request, here all hosts of this run."),
        list(rows(results, options.sizes, cold_size)), list(plots(results, options.sizes, options.database)))


main()
