"""Claim: the memory of a run goes back to the system when it is over, so that no worker looks as if it leaked."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

PIECES = """
import psutil
from sim.runs.worker import memory_given_back
held = lambda: psutil.Process().memory_info().rss / 1e6

def use():
    world = [bytearray(60_000) for _ in range(2_000)]  # 120 MB in pieces that are no mappings of their own
    world.append(world)  # refers to itself
    return bytearray(60_000)  # keeps the end of the heap where it is

before = held()
with memory_given_back():
    tables = use()
after = held()
tables = use()
print(before, after, held())
"""


@pytest.fixture
def memory() -> list[float]:
    """MB held before, after a run, and after the same without giving back."""
    if platform.libc_ver()[0] != "glibc":
        pytest.skip("the C library is not glibc, which alone can be asked")
    done = subprocess.run([sys.executable, "-c", PIECES], capture_output=True, text=True, check=True)
    return [float(part) for part in done.stdout.split()]


def test_it_is_given_back(memory: list[float]) -> None:
    before, after, kept = memory
    assert after < before + 20
    assert kept > before + 100
