"""test_summary.py [--fail-if-skipped] TARGET: prints the number of tests, from the reports of Maven in TARGET."""
import pathlib
import sys
import xml.etree.ElementTree as xml

strict = "--fail-if-skipped" in sys.argv
target = pathlib.Path(sys.argv[-1])
OUTCOMES = {"failures": "failure", "errors": "error", "skipped": "skipped"}
sums = {"tests": 0, **dict.fromkeys(OUTCOMES, 0)}
skipped = []
for kind in ("surefire", "failsafe"):
    # The elements, not the counts of the suite, which leave out nested classes.
    cases = [case for report in sorted((target / f"{kind}-reports").glob("TEST-*.xml"))
             for case in xml.parse(report).getroot().iter("testcase")]
    counts = {"tests": len(cases)}
    for key, element in OUTCOMES.items():
        counts[key] = sum(case.find(element) is not None for case in cases)
    skipped += [f"{case.get('classname')}.{case.get('name')}" for case in cases if case.find("skipped") is not None]
    print(f"{'unit' if kind == 'surefire' else 'integration'}: " + ", ".join(f"{v} {k}" for k, v in counts.items()))
    sums = {key: sums[key] + counts[key] for key in sums}
print("all: " + ", ".join(f"{v} {k}" for k, v in sums.items()))
for name in skipped:
    print(f"skipped: {name}")
if sums["tests"] == 0:
    sys.exit("error: no test ran")
if strict and skipped:
    sys.exit("error: tests were skipped, which PCI_TEST_ALL does not allow")
