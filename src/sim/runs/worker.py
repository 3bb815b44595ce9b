"""What a worker process does beside its runs: it leaves when its parent is gone, and gives memory back."""

from __future__ import annotations

import ctypes
import gc
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Thread
from typing import Any


def leave_with(parent: int) -> None:
    """End this worker process when its parent is gone: one that was killed cannot stop its workers."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    Thread(target=watch, name="watch the parent", daemon=True).start()


@contextmanager
def memory_given_back() -> Iterator[None]:
    """Free a run when it is over, and hand its memory to the system where the C library can (glibc).

    A world refers to itself, so that only the garbage collector frees it, which by itself comes by after dozens of
    runs; and freed memory would be kept in pieces. loky takes a worker that holds 300 MB more than at first for one
    that leaks, and replaces it, at several seconds each. What was there before the run is not looked through.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.collect()
        gc.unfreeze()
        give_back()


def give_back() -> None:
    """Hand freed memory to the system where the C library can."""
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Any:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # another C library; TypeError is Windows'
        return None
