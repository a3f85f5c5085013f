"""wsgi_server.py [HOST:]PORT MODULE: serves the WSGI application MODULE.application; HOST is 127.0.0.1 by default."""
import importlib
import logging
import sys

import waitress

address, module = sys.argv[1:]
listen = address if ":" in address else f"127.0.0.1:{address}"
sys.argv[1:] = []  # Keystone would parse them as its own options
application = importlib.import_module(module).application
logging.getLogger("waitress.queue").setLevel("ERROR")  # no warning for each queued request
# One thread: concurrent writes fail with "database is locked" on SQLite.
# The default connection limit of 100 is lower than the number of connections that one Java client may open.
waitress.serve(application, listen=listen, threads=1, connection_limit=1000, asyncore_use_poll=True)
