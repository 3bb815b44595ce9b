"""A bar in a terminal or a notebook, and how long it will take, told after the first replication."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from tqdm.auto import tqdm

from sim.language.numbers import duration


class Progress:
    """Counts finished runs on stderr; silent when `show` is False.

    Parameters
    ----------
    show : bool
    lang : {"id", "en"}
    policies : int
        Runs that make a replication; 0 where it is not known beforehand how many runs there will be, so that no
        time is foretold.
    workers : int
        Runs done at a time.
    """

    def __init__(self, show: bool, lang: str, policies: int, workers: int) -> None:
        self._show = show
        self._lang = lang
        self._policies = policies
        self._workers = workers
        self._done = self._total = self._there = 0
        self._seconds = 0.0
        self._told = self._resumed = False
        in_terminal = bool(getattr(sys.stderr, "isatty", lambda: False)())
        self._in_notebook = any("notebook" in base.__module__ for base in tqdm.__mro__)
        unit = "simulasi" if lang == "id" else "runs"
        self._bar = tqdm(total=0, unit=unit, disable=not (show and (in_terminal or self._in_notebook)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tell_resumed()
        self._bar.close()

    def expect(self, runs: int) -> None:
        """So many runs in all, as far as is known."""
        self._bar.total = runs
        self._bar.refresh()
        self._total = runs

    def finished(self, seconds: float) -> None:
        """One more run is there; it took so many seconds, none where it was kept from an earlier start."""
        self._done += 1
        self._bar.update()
        if not seconds:
            self._there += 1
            return
        self._tell_resumed()
        self._seconds += seconds
        ran = self._done - self._there
        if self._show and not self._told and 0 < self._policies <= ran and self._done < self._total:
            self._told = True
            left = self._seconds / ran * (self._total - self._done) / self._workers
            replications = self._total // self._policies
            self._say(
                f"Perkiraan waktu: {duration(left, lang='id')} lagi untuk {replications} ulangan."
                if self._lang == "id"
                else f"Estimated time: {duration(left, lang='en')} more for {replications} replications."
            )

    def _tell_resumed(self) -> None:
        """Once, before the first run that is done here: how many there were."""
        if self._there and self._show and not self._resumed:
            self._resumed = True
            self._say(
                f"Dilanjutkan: {self._there} dari {self._total} simulasi sudah ada."
                if self._lang == "id"
                else f"Resumed: {self._there} of {self._total} runs were there."
            )

    def _say(self, text: str) -> None:
        if self._in_notebook:
            self._bar.set_description_str(text)
        else:
            tqdm.write(text, file=sys.stderr)
