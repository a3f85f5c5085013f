"""What a stretch of time has cost Placement and the operator."""
import time

LONGEST = 7200
QUIET = 1.5
SWEEP = '"GET /resource_providers?required='


class Requests:
    """What Placement's log tells of requests; each look takes what came since the last."""

    def __init__(self, cluster):
        self.log = (cluster / "placement.log").open()

    def look(self):
        """How many requests, sweeps apart, and how many of them wrote."""
        lines = [line for line in self.log if "placement.requestlog" in line and SWEEP not in line]
        return len(lines), sum('"GET /' not in line for line in lines)

    def rest(self):
        """Until nothing has been asked of Placement for a while; how much was asked until then."""
        count, _ = self.look()
        time.sleep(QUIET)
        while (more := self.look()[0]) > 0:
            count += more
            time.sleep(QUIET)
        return count


class Span:
    """What a stretch of time has cost."""

    def __init__(self, placement, requests, operator=None):
        self.placement, self.requests = placement, requests
        self.start = time.monotonic()
        self.before = placement.processor(), operator.processor() if operator else 0

    def end(self, operator, seconds=None):
        count, writes = self.requests.look()
        return {"seconds": seconds or time.monotonic() - self.start, "requests": count, "writes": writes,
                "placement": self.placement.processor() - self.before[0],
                "operator": operator.processor() - self.before[1]}


def wait_for(what, condition):
    """Looks ever more seldom, as a look at many objects costs the API server something, too."""
    end = time.monotonic() + LONGEST
    while True:
        start = time.monotonic()
        left = condition()
        if not left:
            return
        if start > end:
            raise SystemExit(f"error: {what}: not within {LONGEST} s; the last look said: {left}")
        time.sleep(max(0.1, 5 * (time.monotonic() - start)))
