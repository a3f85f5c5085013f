"""wsgi_workers.py PORT MODULE WORKERS: like cluster/wsgi_server.py, with several processes that share the port."""
import importlib
import logging
import os
import signal
import socket
import sys

import waitress

port, module, workers = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
sys.argv[1:] = []


def serve():
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    application = importlib.import_module(module).application
    logging.getLogger("waitress.queue").setLevel("ERROR")
    waitress.serve(application, sockets=[shared], threads=1, connection_limit=1000, asyncore_use_poll=True)


# One process first: at its start, Placement inserts the standard names into the database.
if (first := os.fork()) == 0:
    importlib.import_module(module)
    os._exit(0)
if os.waitpid(first, 0)[1] != 0:
    sys.exit("error: Placement has not started")

shared = socket.create_server(("127.0.0.1", port), backlog=1000)
shared.setblocking(False)
children = []
for _ in range(workers):
    child = os.fork()
    if child == 0:
        serve()
        os._exit(0)
    children.append(child)


def end(*_):
    for child in children:
        os.kill(child, signal.SIGTERM)
    sys.exit(0)


signal.signal(signal.SIGTERM, end)
for child in children:
    os.waitpid(child, 0)
