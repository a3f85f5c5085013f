"""Measures requests and CPU time of Placement and the operator over a period."""
import time

TIMEOUT = 7200
QUIET = 1.5
SWEEP = '"GET /resource_providers?required='


class Requests:
    """Requests in Placement's log. Each call reads the lines that were added since the previous one."""

    def __init__(self, cluster):
        self.log = (cluster / "placement.log").open()

    def take(self):
        """Number of new requests without sweeps, and how many of them were writes."""
        lines = [line for line in self.log if "placement.requestlog" in line and SWEEP not in line]
        return len(lines), sum('"GET /' not in line for line in lines)

    def until_idle(self):
        """Waits until Placement has not received requests for a while; returns their number until then."""
        count, _ = self.take()
        time.sleep(QUIET)
        while (more := self.take()[0]) > 0:
            count += more
            time.sleep(QUIET)
        return count


class Span:
    """One period, from its creation to end()."""

    def __init__(self, placement, requests, operator=None):
        self.placement, self.requests = placement, requests
        self.start = time.monotonic()
        self.before = placement.processor(), operator.processor() if operator else 0

    def end(self, operator, seconds=None):
        count, writes = self.requests.take()
        return {"seconds": seconds or time.monotonic() - self.start, "requests": count, "writes": writes,
                "placement": self.placement.processor() - self.before[0],
                "operator": operator.processor() - self.before[1]}


def wait_for(what, condition):
    """Polls less often the longer a poll takes, because listing many objects is expensive for the API server, too."""
    end = time.monotonic() + TIMEOUT
    while True:
        start = time.monotonic()
        left = condition()
        if not left:
            return
        if start > end:
            raise SystemExit(f"error: timed out after {TIMEOUT} s waiting for {what}; remaining: {left}")
        time.sleep(max(0.1, 5 * (time.monotonic() - start)))
