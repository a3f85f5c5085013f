"""report.py ROOT OUT JDK [--quick]: prints the tables, and writes docs/evidence/performance.md and its plots.

The results are stored in docs/evidence/performance/results.json, so that a run of some sections keeps the others.
"""
import datetime
import json
import os
import pathlib
import platform
import re
import sys

import svg_plot

root, out, jdk = (pathlib.Path(a) for a in sys.argv[1:4])
quick = "--quick" in sys.argv
directory = root / "docs" / "evidence" / "performance"
ORDER = ("nova", "nova-postgresql", "scale", "scale-postgresql", "planning", "admission", "agent", "claims", "allocations",
         "discovery", "cli")


def read(path, pattern, otherwise="unknown"):
    match = re.search(pattern, pathlib.Path(path).read_text(), re.M)
    return match.group(1).strip() if match else otherwise


def locked(name, environment):
    return read(root / "hack" / "tools" / "python" / f"{environment}.txt", rf"^{name}==(\S+)")


def environment():
    hosts = os.environ.get("PCI_BENCH_HOSTS")
    sizes = f'PCI_BENCH_HOSTS="{hosts}" ' if hosts else ""
    memory = int(read("/proc/meminfo", r"^MemTotal: *(\d+)")) / 2**20
    load = os.getloadavg()[1]
    return {
        "date": datetime.date.today().isoformat(),
        "command": sizes + "hack/bench" + (" --quick" if quick else ""),
        "machine": f"{os.cpu_count()} x {read('/proc/cpuinfo', r'^model name[^:]*:(.*)$')}, {memory:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "java": read(jdk / "release", r'^IMPLEMENTOR_VERSION="?([^"]*)"?$', read(jdk / "release", r'^JAVA_VERSION="?([^"]*)"?$')),
        "python": platform.python_version(),
        "placement": locked("openstack-placement", "placement"),
        "load": round(load, 1),
    }


def number(value):
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def cells(row):
    """The cells of one row, as in HEAD."""
    reference, ratio, met = row["reference"], None, []
    if reference and reference["value"]:
        ratio = row["value"] / reference["value"]
    if row["budget"] is not None:
        met.append(row["value"] <= row["budget"])
    if row["ratio_budget"] is not None and ratio is not None:
        met.append(ratio <= row["ratio_budget"])
    budgets = [f"{number(row['budget'])} {row['unit']}"] if row["budget"] is not None else []
    budgets += [f"ratio {row['ratio_budget']}"] if row["ratio_budget"] is not None else []
    return tuple(cell.strip() for cell in (
            row["what"] + (f" ({row['note']})" if row["note"] else ""),
            f"{number(row['value'])} {row['unit']}",
            f"{reference['name']}: {number(reference['value'])} {row['unit']}" if reference else "",
            f"{ratio:.2f}" if ratio is not None else "",
            ", ".join(budgets),
            "" if not met else "yes" if all(met) else "**no**"))


HEAD = ("measurement", "value", "reference in the same run", "ratio", "budget", "met")


def table(rows):
    lines = [HEAD, tuple("---" for _ in HEAD), *map(cells, rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def print_section(section):
    lines = [HEAD, *map(cells, section["rows"])]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEAD))]
    print("\n" + section["title"])
    for line in lines:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())


def page(results):
    text = [(directory / "head.md").read_text().rstrip()]
    for name in sorted(results, key=ORDER.index):
        section = results[name]
        run = section["environment"]
        text.append(f"\n## {section['title']}\n\n{section['about']}\n\n{table(section['rows'])}\n")
        for i, plot in enumerate(section["plots"], 1):
            (directory / f"{name}-{i}.svg").write_text(svg_plot.svg(plot))
            text.append(f"![{plot['title']}](performance/{name}-{i}.svg)")
        notes = directory / f"{name}.md"
        if notes.exists():
            text.append("\n" + notes.read_text().rstrip())
        text.append(f"\nMeasured {run['date']} with `{run['command']} {name}` on {run['machine']}; {run['system']}, "
                    f"Java {run['java']}, Python {run['python']}, Placement {run['placement']}; "
                    f"load average at the end {run['load']}.")
    return "\n".join(text) + "\n"


directory.mkdir(parents=True, exist_ok=True)
store = directory / "results.json"
results = json.loads(store.read_text()) if store.exists() else {}
for path in sorted(out.glob("*.section.json")):
    section = json.loads(path.read_text())
    print_section(section)
    results[section["name"]] = {**section, "environment": environment()}
store.write_text(json.dumps(results, indent=1) + "\n")
(root / "docs" / "evidence" / "performance.md").write_text(page(results))
print(f"\n{root / 'docs' / 'evidence' / 'performance.md'} written")
