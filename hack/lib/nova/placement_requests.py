"""Nova's client of a Placement that other clients use too, with a record of the requests that write."""
import threading

import fixtures
from keystoneauth1 import adapter, session, token_endpoint
from nova.tests.functional.api import client as api_client


class RecordingAdapter(adapter.Adapter):
    """Sends requests as Nova's own adapter does, and adds those that are not GET to `writes`."""

    def __init__(self, *args, writes, **kwargs):
        super().__init__(*args, **kwargs)
        self.writes = writes

    def request(self, url, method, **kwargs):
        kwargs.setdefault("raise_exc", False)  # Nova checks the status itself
        response = super().request(url, method, **kwargs)
        if method != "GET":
            self.writes.add({"method": method, "path": url, "status": response.status_code, "body": kwargs.get("json")})
        return response


class Writes:
    """The requests since the last call of `take`, in their order."""

    def __init__(self):
        self.lock = threading.Lock()
        self.requests = []

    def add(self, request):
        with self.lock:
            self.requests.append(request)

    def take(self):
        with self.lock:
            taken, self.requests = self.requests, []
        return taken


class PlacementFixture(fixtures.Fixture):
    """Replaces the fixture of Nova's test bed, whose Placement runs in the same process, by one at an address."""

    def __init__(self, url, token):
        super().__init__()
        self.url, self.token, self.writes = url, token, Writes()

    def _setUp(self):
        self.api = Api(self.adapter(Writes()))
        self.useFixture(fixtures.MonkeyPatch(
            "nova.scheduler.client.report.utils.get_sdk_adapter", lambda *_, **__: self.adapter(self.writes)))

    def adapter(self, writes):
        keystone = session.Session(auth=token_endpoint.Token(self.url, self.token))
        return RecordingAdapter(keystone, service_type="placement", writes=writes)


class Api:
    """The requests of the test bed itself, which are not recorded."""

    def __init__(self, requests):
        self.requests = requests

    def get(self, url, version=None):
        return api_client.APIResponse(self.requests.get(url, microversion=version))
