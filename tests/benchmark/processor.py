"""How much of the processors did an answer take? Other than its time, that depends little on who else works.

The kernel tells: Linux's does; elsewhere nothing is known.
"""

import sys
import time
from pathlib import Path

# In the number of a process's clock: what all its threads have run, in nanoseconds; clock_getcpuclockid(3).
_OF_ALL_THREADS = 2


def seconds_of(process: int, database: int | None) -> float:
    """Return the processor seconds that a process has taken, and with it those of a PostgreSQL's sessions."""
    if sys.platform != "linux":
        return 0.0
    return sum(_seconds(each) for each in {process, *(_children(database) if database else ())})


def _children(process: int) -> list[int]:
    """Return the children of a process."""
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def _seconds(process: int) -> float:
    """Return what a process has taken; nothing where it has ended."""
    try:
        return time.clock_gettime(~process << 3 | _OF_ALL_THREADS)
    except OSError:
        return 0.0
