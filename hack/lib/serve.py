"""serve.py [HOST:]PORT MODULE: serves MODULE.application (WSGI) there, or on 127.0.0.1, until it is ended."""
import importlib
import logging
import sys

import waitress

place, module = sys.argv[1:]
listen = place if ":" in place else f"127.0.0.1:{place}"
sys.argv[1:] = []  # Keystone would take them for its own
application = importlib.import_module(module).application
logging.getLogger("waitress.queue").setLevel("ERROR")  # no warning for each request that waits
# One thread: on SQLite, writes at the same time fail with "database is locked"; so they wait for each other.
# The connection limit's default of 100 is less than one Java client may open.
waitress.serve(application, listen=listen, threads=1, connection_limit=1000, asyncore_use_poll=True)
