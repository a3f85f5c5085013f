"""against_nova.py OUT --sizes 1,8 --rounds 3 --nova COMMAND --ours COMMAND: lets both sides do the same, in turns."""
import argparse
import json
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
    def __init__(self, name, command):
        self.name = name
        self.process = subprocess.Popen(shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, step, host, count):
        self.process.stdin.write(f"{step} {host} {count}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"error: {self.name} ended at: {step} {host} {count}; its message is above")
        return json.loads(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(20)


def life(side, host, count, results, kind):
    """All that happens to one host; each side has its own hosts."""
    for step in STEPS:
        answer = side.ask(step, f"{side.name}-{host}", count)
        assert answer["providers"] == (0 if step == "remove" else count), (side.name, step, count, answer)
        results.setdefault((side.name, kind, step, count), []).append(answer)


def middle(results, key, what):
    return statistics.median(a[what] for a in results[key])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--sizes", type=lambda t: [int(n) for n in t.split(",")])
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--nova")
    parser.add_argument("--ours")
    options = parser.parse_args()
    results = {}
    cold_size = options.sizes[-1] if len(options.sizes) < 3 else options.sizes[-2]

    def start(name):
        side = Side(name, getattr(options, name))
        if name == "ours":
            side.ask("connect", "-", 0)
        return side

    # Cold: the first host that a process sees.
    for number in range(options.rounds):
        for name in ("nova", "ours"):
            with start(name) as side:
                life(side, f"cold-{number}", cold_size, results, "cold")
    with start("nova") as nova, start("ours") as ours:
        for side in (nova, ours):
            for number in range(3):
                life(side, f"warm-up-{number}", 8, results, "warm-up")
        for count in options.sizes:
            for number in range(options.rounds):
                # Who goes first changes, and so does who finds the database larger.
                for side in (nova, ours) if number % 2 else (ours, nova):
                    life(side, f"{count}-{number}", count, results, "warm")
                    print(f"  {side.name}: {count} providers, round {number + 1}", file=sys.stderr)
    rows = []
    for count in options.sizes:
        budgets = {"first": 2 * count + 6, "change": 3, "quiet": 1, "refresh": 1}
        for step, name in STEPS.items():
            ours, nova = (("ours", "warm", step, count), ("nova", "warm", step, count))
            what = f"{name}, {count} provider{'s' if count > 1 else ''}"
            rows.append(section.row(f"{what}: requests", middle(results, ours, "requests"), "", budget=budgets.get(step),
                                    beside=("Nova", middle(results, nova, "requests"))))
            rows.append(section.row(f"{what}: time", middle(results, ours, "ms"), "ms",
                                    ratio_budget=0.6 if step == "first" else None,
                                    beside=("Nova", middle(results, nova, "ms"))))
    rows.append(section.row(f"first sync, {cold_size} providers, first host of the process: time",
                            middle(results, ("ours", "cold", "first", cold_size), "ms"), "ms",
                            beside=("Nova", middle(results, ("nova", "cold", "first", cold_size), "ms"))))
    plots = [section.plot(title, "providers", unit, {
        side: [(n, middle(results, (key, "warm", step, n), what)) for n in options.sizes]
        for key, side in (("ours", "operator"), ("nova", "Nova"))}, log=True)
        for title, unit, step, what in (
            ("Requests of a first sync", "requests", "first", "requests"),
            ("Time of a first sync", "ms", "first", "ms"),
            ("Requests when nothing has changed", "requests", "refresh", "requests"))]
    section.write(options.out, "nova", "Against Nova", (
        "Nova 34's own PlacementView, ProviderTree and SchedulerReportClient, called as its resource tracker calls them, "
        "against the operator's PlacementSync with its own HTTP client; both in one long-running process, in turns, on "
        "one Placement (SQLite, one worker), each with hosts of its own: N plain devices with a custom class, a custom "
        f"and a standard trait. Medians of {options.rounds} hosts. Nova reads aggregates and traits of each provider "
        "again every 5 minutes, allocations every minute; the operator's sweep reads the whole cloud in one request, "
        "here a cloud of all hosts of this run."), rows, plots)


main()
