"""Is work done in its order, on so many threads, and does whoever waits hear of it?"""

import asyncio
import threading
import time
from functools import partial

import pytest

from graphql_api.operation.lane import Lane
from graphql_api.operation.threads import Threads
from models.waiting import pause


async def test_result_and_fault_come_back_to_the_loop() -> None:
    """What a function returns or raises on another thread."""
    threads = Threads(2, "work")
    assert await threads.run(threading.current_thread) is not threading.current_thread()
    with pytest.raises(KeyError, match="x"):
        await threads.run(partial(dict[str, str]().__getitem__, "x"))
    threads.close()


async def test_no_more_threads_than_allowed() -> None:
    """Two at a time, however much there is to do."""
    threads, running, most = Threads(2, "work"), 0, 0
    lock = threading.Lock()

    def work() -> str:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.01)
        with lock:
            running -= 1
        return threading.current_thread().name

    names = set(await asyncio.gather(*(threads.run(work) for _ in range(10))))
    threads.close()
    assert (most, names) == (2, {"work_0", "work_1"})


@pytest.mark.parametrize("kind", [Threads, Lane])
async def test_work_that_nobody_waits_for_is_not_begun(kind: type[Threads | Lane]) -> None:
    """Given up while it stands in the queue."""
    threads, begin, done = kind(1, "work"), threading.Event(), list[int]()
    first = threads.run(begin.wait)
    second = threads.run(partial(done.append, 2))
    third = threads.run(partial(done.append, 3))
    second.cancel()
    begin.set()
    await asyncio.gather(first, third)
    threads.close()
    assert done == [3]


@pytest.mark.parametrize("kind", [Threads, Lane])
async def test_closing_waits_for_what_runs_and_lets_go_of_the_rest(kind: type[Threads | Lane]) -> None:
    """Whoever waits for the rest hears that it will not be done. What did nothing closes as well."""
    threads, begun, done = kind(1, "work"), threading.Event(), list[int]()

    def work() -> None:
        begun.set()
        pause(0.05)
        done.append(1)

    first, second = threads.run(work), threads.run(partial(done.append, 2))
    await asyncio.to_thread(begun.wait)
    threads.close()
    assert done == [1]
    await first
    with pytest.raises(asyncio.CancelledError):
        await second
    with pytest.raises(RuntimeError, match="no work is taken any more"):
        await threads.run(work)
    kind(1, "work").close()
