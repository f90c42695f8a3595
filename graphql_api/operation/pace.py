"""Was an operation short of late?

It tells where it is answered next: on the event loop, or on a thread. What takes longer than a thread may
hold the interpreter anyway would be noticed by all others.
"""

from dataclasses import dataclass

# The interpreter's own switch interval: so long one thread may keep the event loop waiting at any time.
BRIEF_SECONDS = 0.005
# A thread may find that an answer was shorter than it would be on the loop: there must be room.
_SHORT_SECONDS = BRIEF_SECONDS / 2
# Each record takes some microseconds: of more of them, nobody has to try.
_MOST_RECORDS = 5_000


@dataclass(slots=True)
class Pace:
    """What has been found out about one operation: up to which cost it was short."""

    short_to: int = -1
    is_never_short: bool = False

    def is_short(self, cost: int) -> bool:
        """Say whether an answer of this cost will be short, as far as is known."""
        return cost <= self.short_to

    def note(self, cost: int, seconds: float) -> None:
        """Take note of how long an answer kept its thread busy."""
        if seconds > BRIEF_SECONDS:
            self.short_to = min(self.short_to, cost - 1)
        elif seconds <= _SHORT_SECONDS and self.short_to < cost <= _MOST_RECORDS and not self.is_never_short:
            self.short_to = cost

    def is_long(self) -> None:
        """Take note that no answer will ever be short."""
        self.short_to, self.is_never_short = -1, True
