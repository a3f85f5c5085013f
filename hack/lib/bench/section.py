"""The form in which each part of hack/bench leaves what it has measured."""
import json
import pathlib


def row(what, value, unit, budget=None, beside=None, ratio_budget=None, note=""):
    """One line of the table.

    budget: what value must not exceed. beside: (name, value) of what was measured in the same run, for the ratio.
    ratio_budget: what value / beside must not exceed.
    """
    return {"what": what, "value": value, "unit": unit, "budget": budget, "ratio_budget": ratio_budget, "note": note,
            "beside": None if beside is None else {"name": beside[0], "value": beside[1]}}


def plot(title, x, y, lines, log=False):
    """One picture: lines are lists of points, by name."""
    return {"title": title, "x": x, "y": y, "log": log, "lines": lines}


def write(out, name, title, about, rows, plots=()):
    path = pathlib.Path(out) / f"{name}.section.json"
    path.write_text(json.dumps({"name": name, "title": title, "about": about, "rows": rows, "plots": list(plots)}))
