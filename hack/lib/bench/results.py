"""The file format in which each section of hack/bench stores its results."""
import json
import pathlib


def row(what, value, unit, budget=None, reference=None, ratio_budget=None, note=""):
    """One row of the table.

    budget: maximum of value. reference: (name, value) of a reference that was measured in the same run, for the ratio.
    ratio_budget: maximum of value / reference.
    """
    return {"what": what, "value": value, "unit": unit, "budget": budget, "ratio_budget": ratio_budget, "note": note,
            "reference": None if reference is None else {"name": reference[0], "value": reference[1]}}


def plot(title, x, y, lines, log=False):
    """One plot: lines maps a name to a list of points."""
    return {"title": title, "x": x, "y": y, "log": log, "lines": lines}


def write_section(out, name, title, about, rows, plots=()):
    path = pathlib.Path(out) / f"{name}.section.json"
    path.write_text(json.dumps({"name": name, "title": title, "about": about, "rows": rows, "plots": list(plots)}))
