"""wsgi_server.py [--fast] [HOST:]PORT MODULE: serves the WSGI application MODULE.application; HOST is 127.0.0.1 by default.

--fast: for Placement, less CPU time per request. Responses are the same, and all code of Placement is run.
"""
import functools
import gc
import importlib
import logging
import sys

import waitress


def check_schemas_once():
    """jsonschema validates the schema itself, a constant of Placement, before each validation of a request."""
    import jsonschema
    validator = jsonschema.Draft202012Validator
    check, checked = validator.check_schema, {}

    def check_once(schema, *args, **kwargs):
        if checked.get(id(schema)) is not schema:
            check(schema, *args, **kwargs)
            checked[id(schema)] = schema

    validator.check_schema = check_once


def keep_database_open():
    """oslo.db opens SQLite files for each transaction, and yields the processor after it."""
    import sqlalchemy
    sqlalchemy.pool.NullPool = sqlalchemy.pool.QueuePool
    from placement import db_api
    db_api.placement_context_manager.configure(thread_checkin=False)


def reuse_aliases():
    """Placement creates the aliases of its tables, with all their columns, for each query."""
    import sqlalchemy
    create, reuse = sqlalchemy.alias, functools.cache(sqlalchemy.alias)

    def alias(selectable, name=None, flat=False):
        fixed = name and isinstance(selectable, sqlalchemy.Table)
        return (reuse if fixed else create)(selectable, name, flat)

    sqlalchemy.alias = alias


arguments = sys.argv[1:]
fast = arguments[0] == "--fast"
address, module = arguments[fast:]
listen = address if ":" in address else f"127.0.0.1:{address}"
sys.argv[1:] = []  # Keystone would parse them as its own options
if fast:
    check_schemas_once()
    keep_database_open()
    reuse_aliases()
application = importlib.import_module(module).application
if fast:
    # Most objects are those of modules: the collector need not visit them again.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
logging.getLogger("waitress.queue").setLevel("ERROR")  # no warning for each queued request
# One thread: concurrent writes fail with "database is locked" on SQLite.
# The default connection limit of 100 is lower than the number of connections that one Java client may open.
waitress.serve(application, listen=listen, threads=1, connection_limit=1000, asyncore_use_poll=True)
