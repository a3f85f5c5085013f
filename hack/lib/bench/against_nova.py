"""against_nova.py OUT ...: lets Nova's code and the operator's do the same to one Placement, in turns."""
import argparse
import json
import pathlib
import shlex
import statistics
import subprocess
import sys

import section

STEPS = {
    "first": "first sync",
    "change": "class and traits of one provider change",
    "quiet": "nothing has changed",
    "refresh": "nothing has changed, Nova's cache of traits is over",
    "remove": "all devices go",
}


class Side:
    """One long-running process that does what it is told, and says what that took."""

    def __init__(self, name, command, pids):
        self.name, self.pids = name, pids
        self.process = subprocess.Popen(shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if name == "ours":
            self.ask("connect", "-", 0)

    def placement_time(self):
        """Milliseconds of the processor that Placement has taken: unlike the time, not the neighbours'."""
        tasks = [task / "schedstat" for pid in self.pids for task in pathlib.Path(f"/proc/{pid}/task").iterdir()]
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e6

    def ask(self, step, host, count):
        before = self.placement_time()
        self.process.stdin.write(f"{step} {host} {count}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"error: {self.name} ended at: {step} {host} {count}; its message is above")
        return {**json.loads(line), "placement": self.placement_time() - before}

    def life(self, host, count):
        """All that happens to one host; each side has its own hosts."""
        for step in STEPS:
            answer = self.ask(step, f"{self.name}-{host}", count)
            assert answer["providers"] == (0 if step == "remove" else count), (self.name, step, count, answer)
            yield step, answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(20)


class Results:
    def __init__(self):
        self.answers = {}

    def take(self, kind, side, host, count):
        for step, answer in side.life(host, count):
            self.answers.setdefault((side.name, kind, step, count), []).append(answer)

    def middle(self, side, kind, step, count, what):
        return statistics.median(answer[what] for answer in self.answers[side, kind, step, count])

    def row(self, name, kind, step, count, what, unit, **budgets):
        return section.row(name, self.middle("ours", kind, step, count, what), unit,
                           beside=("Nova", self.middle("nova", kind, step, count, what)), **budgets)


def measure(options, cold_size):
    results = Results()

    def start(name):
        return Side(name, getattr(options, name), options.pids)

    for number in range(options.rounds):
        for name in ("nova", "ours"):
            with start(name) as side:
                results.take("cold", side, f"{options.name}-cold-{number}", cold_size)
    with start("nova") as nova, start("ours") as ours:
        for side in (nova, ours):
            for number in range(3):
                results.take("warm-up", side, f"{options.name}-warm-up-{number}", 8)
        for count in options.sizes:
            for number in range(options.rounds):
                # Who goes first changes, and so does who finds the database larger.
                for side in (nova, ours) if number % 2 else (ours, nova):
                    results.take("warm", side, f"{options.name}-{count}-{number}", count)
                print(f"  {count} providers, round {number + 1}", file=sys.stderr)
    return results


def rows(results, sizes, cold_size):
    for count in sizes:
        most = {"first": 2 * count + 6, "change": 3, "quiet": 1, "refresh": 1}
        for step, name in STEPS.items():
            what = f"{name}, {count} provider{'s' if count > 1 else ''}"
            yield results.row(f"{what}: requests", "warm", step, count, "requests", "", budget=most.get(step))
            yield results.row(f"{what}: time", "warm", step, count, "ms", "ms", ratio_budget=0.6 if step == "first" else None)
            yield results.row(f"{what}: Placement's processor time", "warm", step, count, "placement", "ms")
    yield results.row(f"first sync, {cold_size} providers, first host of the process: time", "cold", "first", cold_size, "ms", "ms")


def plots(results, sizes, database):
    for title, unit, step, what in (("Requests of a first sync", "requests", "first", "requests"),
                                    (f"Time of a first sync ({database})", "ms", "first", "ms"),
                                    ("Requests when nothing has changed", "requests", "refresh", "requests")):
        lines = {side: [(n, results.middle(key, "warm", step, n, what)) for n in sizes]
                 for key, side in (("ours", "operator"), ("nova", "Nova"))}
        yield section.plot(title, "providers", unit, lines, log=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    for name in ("name", "database", "nova", "ours"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--sizes", type=lambda text: [int(n) for n in text.split(",")])
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--pids", type=lambda text: text.split(","), help="Placement's processes")
    options = parser.parse_args()
    cold_size = options.sizes[-2]
    results = measure(options, cold_size)
    section.write(options.out, options.name, f"Against Nova: Placement on {options.database}", (
        "Nova 34's own PlacementView, ProviderTree and SchedulerReportClient, called as its resource tracker calls them, "
        "against the operator's PlacementSync with its own HTTP client; both in one long-running process, in turns, on "
        "one Placement, each with hosts of its own: N plain devices with a custom class, a custom and a standard trait. "
        f"Medians of {options.rounds} hosts. Nova reads aggregates and traits of each provider again every 5 minutes, "
        "allocations every minute; the operator's sweep reads the whole cloud in one request, here a cloud of all hosts "
        "of this run."),
        list(rows(results, options.sizes, cold_size)), list(plots(results, options.sizes, options.database)))


main()
