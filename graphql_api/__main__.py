"""How is the program started? ``python -m graphql_api``, or ``sales-graphql``."""

import ctypes
import gc
import sys
from importlib import import_module

# The numbers of mallopt's parameters: malloc.h of the GNU C library.
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8
_LARGE_BYTES = 262_144
_ARENAS = 2


def main() -> None:
    """Load the program and run its command line.

    Loading makes some hundred thousand objects which all stay: the garbage collector would look through them
    dozens of times and find nothing, for a fifth of the time that a server takes to start. Afterwards it
    leaves them alone.
    """
    give_memory_back()
    gc.disable()
    program = import_module("graphql_api.cli")
    gc.freeze()
    gc.enable()
    program.main()


def give_memory_back() -> None:
    """Let what a large answer took go back to the system when it is sent.

    By itself the GNU C library gives every thread an arena of its own, and keeps large blocks once it has
    freed some: each worker that ever made an answer of 10 MB would hold 30 MB for the next one.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(_ARENA_MAX, _ARENAS)
        mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)


if __name__ == "__main__":
    main()
