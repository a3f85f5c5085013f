"""report.py ROOT OUT JDK [--quick]: prints the table, and writes docs/evidence/performance.md and its pictures.

What was measured is kept in docs/evidence/performance/results.json, so that a run of some sections leaves the others as they are.
"""
import datetime
import json
import os
import pathlib
import platform
import re
import sys

import picture

root, out, jdk = (pathlib.Path(a) for a in sys.argv[1:4])
quick = "--quick" in sys.argv
folder = root / "docs" / "evidence" / "performance"
ORDER = ("nova", "nova-postgresql", "scale", "planning", "admission", "agent", "claims", "allocations")


def read(path, pattern, otherwise="unknown"):
    match = re.search(pattern, pathlib.Path(path).read_text(), re.M)
    return match.group(1).strip() if match else otherwise


def constraint(name, file):
    path = root / "hack" / "tools" / file / "constraints.txt"
    return read(path, rf"^{name}==(.*)$") if path.exists() else "none"


def circumstances():
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
        "placement": constraint("openstack-placement", "openstack"),
        "load": round(load, 1),
    }


def number(value):
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def cells(row):
    """what, measured, beside it, ratio, budget, kept."""
    beside, ratio, kept = row["beside"], None, []
    if beside and beside["value"]:
        ratio = row["value"] / beside["value"]
    if row["budget"] is not None:
        kept.append(row["value"] <= row["budget"])
    if row["ratio_budget"] is not None and ratio is not None:
        kept.append(ratio <= row["ratio_budget"])
    budgets = [f"{number(row['budget'])} {row['unit']}"] if row["budget"] is not None else []
    budgets += [f"ratio {row['ratio_budget']}"] if row["ratio_budget"] is not None else []
    return tuple(cell.strip() for cell in (
            row["what"] + (f" ({row['note']})" if row["note"] else ""),
            f"{number(row['value'])} {row['unit']}",
            f"{beside['name']}: {number(beside['value'])} {row['unit']}" if beside else "",
            f"{ratio:.2f}" if ratio is not None else "",
            ", ".join(budgets),
            "" if not kept else "yes" if all(kept) else "**no**"))


HEAD = ("what", "measured", "beside it, in the same run", "ratio", "budget", "kept")


def table(rows):
    lines = [HEAD, tuple("---" for _ in HEAD), *map(cells, rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def printed(section):
    lines = [HEAD, *map(cells, section["rows"])]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEAD))]
    print("\n" + section["title"])
    for line in lines:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())


def page(results):
    text = [(folder / "head.md").read_text().rstrip()]
    for name in sorted(results, key=ORDER.index):
        section = results[name]
        where = section["where"]
        text.append(f"\n## {section['title']}\n\n{section['about']}\n\n{table(section['rows'])}\n")
        for i, plot in enumerate(section["plots"], 1):
            (folder / f"{name}-{i}.svg").write_text(picture.svg(plot))
            text.append(f"![{plot['title']}](performance/{name}-{i}.svg)")
        notes = folder / f"{name}.md"
        if notes.exists():
            text.append("\n" + notes.read_text().rstrip())
        text.append(f"\nMeasured {where['date']} with `{where['command']} {name}` on {where['machine']}; {where['system']}, "
                    f"Java {where['java']}, Python {where['python']}, Placement {where['placement']}; "
                    f"load of the machine at the end {where['load']}.")
    return "\n".join(text) + "\n"


folder.mkdir(parents=True, exist_ok=True)
store = folder / "results.json"
results = json.loads(store.read_text()) if store.exists() else {}
for path in sorted(out.glob("*.section.json")):
    section = json.loads(path.read_text())
    printed(section)
    results[section["name"]] = {**section, "where": circumstances()}
store.write_text(json.dumps(results, indent=1) + "\n")
(root / "docs" / "evidence" / "performance.md").write_text(page(results))
print(f"\n{root / 'docs' / 'evidence' / 'performance.md'} is written")
