"""Where do the explorer's libraries come from?  ``python -m graphql_api.graphiql.fetch``.

They are fetched at set-up through npm, as ``files.json`` names them, and kept only if they are, to the last
bit, the files that this version was tested with. Only the standard library is needed.
"""

import argparse
import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
VENDOR = HERE / "vendor"


@dataclass(frozen=True)
class File:
    """One file of the explorer: what it is called here, and where in which package it is.

    Args:
        integrity: SHA-512 of the file, in the form of the web's Subresource Integrity.
    """

    name: str
    package: str
    path: str
    integrity: str


def files() -> list[File]:
    """Return the files that the explorer's page needs, in the order in which it loads them."""
    return [File(**entry) for entry in json.loads((HERE / "files.json").read_text())]


def integrity(content: bytes) -> str:
    """Return the sum of the content as Subresource Integrity writes it."""
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


def is_complete() -> bool:
    """Tell whether every file is there and is the one that was tested."""
    return all(
        (VENDOR / file.name).is_file() and integrity((VENDOR / file.name).read_bytes()) == file.integrity
        for file in files()
    )


def fetch() -> None:
    """Fetch every file; the folder is replaced at once, or not at all.

    Raises:
        RuntimeError: npm is missing or failed, or a file is not the one that was tested.
    """
    npm = shutil.which("npm")
    if npm is None:
        message = "npm is not installed"
        raise RuntimeError(message)
    with tempfile.TemporaryDirectory(dir=HERE, prefix=".vendor-") as folder:
        made = Path(folder) / "vendor"
        made.mkdir()
        for package in dict.fromkeys(file.package for file in files()):
            archive = _pack(npm, package, Path(folder))
            for file in files():
                if file.package == package:
                    (made / file.name).write_bytes(_member(archive, file))
        shutil.rmtree(VENDOR, ignore_errors=True)
        made.rename(VENDOR)


def _pack(npm: str, package: str, folder: Path) -> Path:
    """Let npm fetch a package's archive into the folder and return its path."""
    command = [npm, "pack", "--silent", "--pack-destination", str(folder), package]
    # npm looks for a project around its folder: here it must find none.
    done = subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True)  # noqa: S603  # The names come from files.json.
    if done.returncode:
        message = f"npm could not fetch {package}: {done.stderr.strip() or done.stdout.strip()}"
        raise RuntimeError(message)
    return folder / done.stdout.strip().splitlines()[-1]


def _member(archive: Path, file: File) -> bytes:
    """Return the content of one file of an archive, after checking that it is the one that was tested."""
    with tarfile.open(archive) as packed:
        opened = packed.extractfile(file.path)
        content = opened.read() if opened else b""
    if integrity(content) != file.integrity:
        message = f"{file.package} has another {file.path} than the one this version was tested with"
        raise RuntimeError(message)
    return content


def main() -> int:
    """Fetch the files unless they are there, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m graphql_api.graphiql.fetch", description=fetch.__doc__)
    parser.add_argument(
        "--check", action="store_true", help="only tell, by the exit code, whether they are there"
    )
    only_check: bool = parser.parse_args().check
    if is_complete():
        return 0
    if only_check:
        return 1
    try:
        fetch()
    except RuntimeError as error:
        sys.stderr.write(f"GraphiQL was not fetched: {error}\n")
        return 1
    sys.stdout.write("GraphiQL's files are in place.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
