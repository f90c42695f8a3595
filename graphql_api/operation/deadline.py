"""Is there still someone waiting for this operation?

The event loop gives an operation up when its time is over, the worker thread commits when its work is done;
both may happen at once. Whoever comes first decides: a command is either answered, or not committed.
"""

import threading
import time


class Deadline:
    """The end of an operation's time, shared by the event loop and one worker thread."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._is_expired = False
        self._is_committing = False

    @property
    def is_over(self) -> bool:
        """Whether the operation was given up, or is to be."""
        return self._is_expired or time.monotonic() >= self._end

    @property
    def remaining_seconds(self) -> float:
        """The time that is left."""
        return max(0.0, self._end - time.monotonic())

    def expire(self) -> bool:
        """Give the operation up. Returns False while a commit is under way: then its outcome is near."""
        with self._lock:
            self._is_expired = self._is_expired or not self._is_committing
            return self._is_expired

    def begin_commit(self) -> bool:
        """Enter a commit. Returns False where the operation was given up: then it has to roll back."""
        with self._lock:
            self._is_committing = not self.is_over
            return self._is_committing

    def end_commit(self) -> None:
        """Leave a commit."""
        with self._lock:
            self._is_committing = False
