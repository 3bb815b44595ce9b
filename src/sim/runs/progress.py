"""A progress bar in a terminal or a notebook, with a time estimate after the first replication."""

from __future__ import annotations

import sys
from threading import RLock
from types import TracebackType
from typing import Self

from tqdm.auto import tqdm

from sim.errors import Message, _
from sim.language.numbers import duration

tqdm.set_lock(RLock())  # tqdm's own is shared by forked processes: one that is killed may hold it for ever


class Progress:
    """Counts finished runs on stderr; silent when `show` is False.

    Parameters
    ----------
    show : bool
    policies : int
        Runs that make a replication; 0 where the number of runs is not known beforehand, so that no time is estimated.
    workers : int
        Runs done in parallel.
    """

    def __init__(self, show: bool, *, policies: int, workers: int) -> None:
        self._show = show
        self._policies = policies
        self._workers = workers
        self._done = self._total = self._there = 0
        self._seconds = 0.0
        self._estimated = self._resumed = False
        in_terminal = bool(getattr(sys.stderr, "isatty", lambda: False)())
        self._in_notebook = any("notebook" in base.__module__ for base in tqdm.__mro__)
        self._bar = tqdm(
            total=0, unit=str(_("runs")), disable=not (show and (in_terminal or self._in_notebook))
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._report_resumed()
        self._bar.close()

    def expect(self, runs: int) -> None:
        """Set the number of runs in all, as far as is known."""
        self._bar.total = runs
        self._bar.refresh()
        self._total = runs

    def finished(self, seconds: float) -> None:
        """Count one more run and the seconds it took; 0 where it was kept from an earlier start."""
        self._done += 1
        self._bar.update()
        if not seconds:
            self._there += 1
            return
        self._report_resumed()
        self._seconds += seconds
        ran = self._done - self._there
        if self._show and not self._estimated and 0 < self._policies <= ran and self._done < self._total:
            self._estimated = True
            left = self._seconds / ran * (self._total - self._done) / self._workers
            replications = self._total // self._policies
            self._say(
                _(
                    "Estimated time: {time} more for {replications} replications.",
                    time=duration(left),
                    replications=replications,
                )
            )

    def _report_resumed(self) -> None:
        """Report once, before the first run that is made here, how many were kept."""
        if self._there and self._show and not self._resumed:
            self._resumed = True
            self._say(
                _(
                    "Resumed: {finished} of {total} runs were there.",
                    finished=self._there,
                    total=self._total,
                )
            )

    def _say(self, message: Message) -> None:
        text = str(message)
        if self._in_notebook:
            self._bar.set_description_str(text)
        else:
            tqdm.write(text, file=sys.stderr)
