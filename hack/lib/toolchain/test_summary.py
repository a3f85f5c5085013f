"""test_summary.py [--fail-if-skipped] TARGET: prints the number of tests, from the reports of Maven in TARGET."""
import pathlib
import sys
import xml.etree.ElementTree as xml

strict = "--fail-if-skipped" in sys.argv
target = pathlib.Path(sys.argv[-1])
sums = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
skipped = []
for kind in ("surefire", "failsafe"):
    counts = dict.fromkeys(sums, 0)
    for report in sorted((target / f"{kind}-reports").glob("TEST-*.xml")):
        suite = xml.parse(report).getroot()
        for key in counts:
            counts[key] += int(suite.get(key, 0))
        skipped += [f"{c.get('classname')}.{c.get('name')}" for c in suite.iter("testcase") if c.find("skipped") is not None]
    print(f"{'unit' if kind == 'surefire' else 'integration'}: " + ", ".join(f"{v} {k}" for k, v in counts.items()))
    sums = {key: sums[key] + counts[key] for key in sums}
print("all: " + ", ".join(f"{v} {k}" for k, v in sums.items()))
for name in skipped:
    print(f"skipped: {name}")
if sums["tests"] == 0:
    sys.exit("error: no test ran")
if strict and skipped:
    sys.exit("error: tests were skipped, which PCI_TEST_ALL does not allow")
