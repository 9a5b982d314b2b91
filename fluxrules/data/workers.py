"""The same job on numbered parts, in a few processes of our own: an interruption stops them all, without a word."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

T = TypeVar("T")


def in_processes(
    job: Callable[[int], T], parts: int, processes: int, order: Sequence[int] | None = None
) -> Iterator[tuple[int, T]]:
    """Each part from 0 with what the job gives for it, as they come. The job and its results have to be picklable. ``order``: which parts come
    first; the longest, so that no process is left alone with one.

    One process is this one. An error of the job is raised here, after the others were stopped.
    """
    if processes <= 1 or parts <= 1:
        for number in order or range(parts):
            yield number, job(number)
        return
    # Spawned rather than forked: Polars has threads, that a fork would leave locked.
    context = get_context("spawn")
    running, listening, numbers = [], list[Connection](), iter(order or range(parts))
    try:
        with _quiet_children():
            for _ in range(min(processes, parts)):
                ours, theirs = context.Pipe()
                process = context.Process(target=_work, args=(job, theirs), daemon=True)
                process.start()
                theirs.close()
                running.append(process)
                listening.append(ours)
                _give(ours, next(numbers))
        while listening:
            for ready in wait(listening):
                assert isinstance(ready, Connection)
                message = _received(ready)
                # Parts are not of one size: whoever is free takes the next one.
                if not _give(ready, next(numbers, None)):
                    listening.remove(ready)
                yield message
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.join()


def _give(connection: Connection, number: int | None) -> bool:
    """The next part for a process, ``None`` for no more; whether it has one to do."""
    with suppress(ConnectionError):  # it is gone: what it leaves unsaid is told when it is listened to
        connection.send(number)
    return number is not None


def _work(job: Callable[[int], T], connection: Connection) -> None:
    # The job came with Polars, that hears Ctrl-C from then on: deaf again, the process is ended by the one that started it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        while (number := connection.recv()) is not None:
            connection.send((number, job(number)))
    except (ConnectionError, EOFError, KeyboardInterrupt):  # whoever asked is gone, or is about to end this process
        return
    except Exception as error:  # raised again by whoever asked
        connection.send((-1, error))


def _received(connection: Connection) -> Any:
    try:
        message = connection.recv()
    except (EOFError, ConnectionError) as error:  # killed, most often because there was no memory left
        raise MemoryError from error
    if message[0] < 0:
        raise message[1]
    return message


@contextmanager
def _quiet_children() -> Iterator[None]:
    """While processes start: they inherit one thread for Polars, and the deafness to Ctrl-C, that this process answers for all."""
    threads, main = os.environ.get("POLARS_MAX_THREADS"), threading.current_thread() is threading.main_thread()
    os.environ["POLARS_MAX_THREADS"] = "1"
    before = signal.signal(signal.SIGINT, signal.SIG_IGN) if main else None
    try:
        yield
    finally:
        if main:
            signal.signal(signal.SIGINT, before)
        if threads is None:
            del os.environ["POLARS_MAX_THREADS"]
        else:
            os.environ["POLARS_MAX_THREADS"] = threads
