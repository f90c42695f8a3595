"""Does a server start without doing what its first answer does not need?"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from alembic.script import ScriptDirectory
from graphql import introspection_from_schema, lexicographic_sort_schema, print_schema
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from graphql_api.schedule import resting
from graphql_api.schema import build_schema
from graphql_api.types.definition import Known
from models import migrations
from models.migrations.running import config

_ROOT = Path(__file__).parents[2]
# Serves from a database by the command line, and says at the end what was loaded and how the garbage
# collector stands. In place of a port that listens, the loop that would serve ends at once.
_START = """
import gc, json, sys, uvicorn
from graphql_api.__main__ import main

def serve(server):
    server.started = True
    found = {"loaded": sorted(set(sys.modules)), "frozen": gc.get_freeze_count(), "collects": gc.isenabled()}
    print(json.dumps(found))

uvicorn.Server.run = serve
sys.argv = ["sales-graphql", "serve"]
main()
"""


def test_what_serving_does_not_need_is_not_loaded(migrated_file: Path, tmp_path: Path) -> None:
    """Nothing of the migrations where the database is current; and what is loaded is not looked through."""
    environment = {
        **os.environ,
        "SALES_DATABASE_URL": f"sqlite:///{migrated_file}",
        "SALES_DATA_DIRECTORY": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", _START], cwd=_ROOT, env=environment, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert {"alembic", "hypothesis", "mako", "pytest"} & set(found["loaded"]) == set()
    assert found["collects"]
    # The types of the schema alone are more.
    assert found["frozen"] > 100_000


# Eight threads at once take a thousand blocks each; then the C library tells of its arenas.
_ARENAS = """
import ctypes, sys, threading
from graphql_api.__main__ import give_memory_back

give_memory_back()
libc = ctypes.CDLL(None)
if not hasattr(libc, "malloc_info"):
    sys.exit("another library")
libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p
together = threading.Barrier(8)

def take():
    together.wait()
    for _ in range(1000):
        libc.malloc(2000)
    together.wait()

threads = [threading.Thread(target=take) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
told = ctypes.c_void_p(libc.fopen(sys.argv[1].encode(), b"w"))
libc.malloc_info(0, told)
libc.fclose(told)
"""


def test_workers_share_their_memory(tmp_path: Path) -> None:
    """What one has given back, another takes: there are two arenas, and not one for each."""
    told = tmp_path / "arenas.xml"
    done = subprocess.run(
        [sys.executable, "-c", _ARENAS, str(told)], cwd=_ROOT, check=False, capture_output=True, text=True
    )
    # Only the GNU C library has arenas and tells of them; with another there is nothing to do.
    found = told.read_text().count("<heap nr=") if told.exists() else done.stderr.strip()
    assert found in {2, "another library"}


def test_the_newest_revision_is_that_of_the_last_file() -> None:
    """Alembic, which follows each file to the one before it, comes to the same end."""
    assert migrations.head() == ScriptDirectory.from_config(config()).get_current_head()


def test_the_type_of_a_field_is_resolved_once() -> None:
    """No field or argument of ours has an annotation that Strawberry would evaluate anew."""
    annotations = {
        f"{definition.name}.{each.python_name}": each.type_annotation
        for definition in _definitions()
        for field in definition.fields
        for each in _annotated(field)
    }
    assert [name for name, each in annotations.items() if not isinstance(each, Known)] == []


def test_the_schema_is_in_order() -> None:
    """It is put into alphabetical order where it stands, which comes to the same as a second one in order."""
    schema = build_schema()._schema
    in_order = lexicographic_sort_schema(schema)
    assert print_schema(schema) == print_schema(in_order)
    assert introspection_from_schema(schema) == introspection_from_schema(in_order)
    assert list(schema.type_map) == list(in_order.type_map)


def _annotated(field: StrawberryField) -> list[StrawberryField | StrawberryArgument]:
    """Return a field and its arguments."""
    return [field, *field.arguments]


def _definitions() -> Iterator[StrawberryObjectDefinition]:
    """Yield what Strawberry knows of each type and input of the schema."""
    for kind in build_schema()._schema.type_map.values():
        definition = kind.extensions.get("strawberry-definition")
        if isinstance(definition, StrawberryObjectDefinition):
            yield definition


def test_a_clock_that_is_to_stop_does_not_rest() -> None:
    """The server's end waits for the row under way, and for nothing else."""
    stopping = threading.Event()
    is_stopping = resting(stopping)
    assert not is_stopping()
    stopping.set()
    assert is_stopping()
