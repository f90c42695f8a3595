"""How much of the processors did an answer take? Other than its time, that depends little on who else works.

Read from ``/proc``, which Linux has; elsewhere nothing is known.
"""

import os
from pathlib import Path

_PROC = Path("/proc")
# In /proc/<pid>/stat, counted from the state behind the program's name: proc(5).
_PARENT, _USER, _SYSTEM = 1, 11, 12


def seconds_of(process: int, database: int | None) -> float:
    """Return the processor seconds that a process has taken, and with it those of a PostgreSQL's sessions."""
    if not _PROC.is_dir():
        return 0.0
    wanted = {process, *(_children(database) if database else ())}
    return sum(_ticks(each) for each in wanted) / os.sysconf("SC_CLK_TCK")


def _children(process: int) -> list[int]:
    """Return the children of a process."""
    found = (int(each.name) for each in _PROC.iterdir() if each.name.isdigit())
    return [each for each in found if (fields := _fields(each)) and int(fields[_PARENT]) == process]


def _ticks(process: int) -> int:
    """Return what a process has taken, in the ticks of the kernel's clock."""
    fields = _fields(process)
    return int(fields[_USER]) + int(fields[_SYSTEM]) if fields else 0


def _fields(process: int) -> list[str]:
    """Return the fields of a process behind its name; none where it has ended."""
    try:
        return (_PROC / str(process) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
