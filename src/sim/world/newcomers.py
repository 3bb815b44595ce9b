"""Newcomers: who arrives in a post depends on the post and the time only, whichever lever hires."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from sim.errors import KinerjaError, _
from sim.names import Fixed
from sim.streams import Streams
from sim.world.officers import TRAITS, Bool, Float, Officers, newcomers

Traits = dict[str, Float]
Key = tuple[int | str, ...]


class Candidates(Fixed):
    """Candidates for posts: their traits, as those of :class:`sim.world.officers.Officers`.

    Attributes
    ----------
    age, tenure, skill, motivation, specific, discipline, integrity, resistance, closeness, severity
        float64[candidates, n], with a further axis where a trait of officers has one; column i is for post i.
    """

    def __init__(self, traits: Traits) -> None:
        vars(self).update({name: traits[name] for name in TRAITS})
        self._fix()


Merit = Callable[[Candidates], Any]
"""Merit of candidates, float64[candidates, n]; the best one for each post is hired."""


class Newcomers:
    """People who can be hired.

    At one time each post has a first newcomer, a second one if the post changes hands again, and so on, each with
    further candidates beside them. So two levers that hire at one time meet the people that each would meet alone.
    """

    def __init__(self, officers: Officers, streams: Streams) -> None:
        self._officers, self._streams = officers, streams
        self._tick = -1
        self._count = np.zeros(len(officers), np.int64)
        self._drawn: dict[Key, Traits] = {}

    def arrive(
        self, who: Bool, tick: int, candidates: int = 1, merit: Merit | None = None
    ) -> Iterator[tuple[Bool, Key, Traits]]:
        """Yield posts that are filled, the time and order in which they are, and the traits of the newcomers.

        Parameters
        ----------
        who : bool[n]
            Posts.
        tick : int
            Time.
        candidates : int
            Candidates for each post.
        merit : callable, optional
            Who of them is hired; the first by default.
        """
        if not (isinstance(candidates, (int, np.integer)) and 1 <= candidates <= 1000):
            raise KinerjaError(
                _(
                    "hire: candidates is {candidates!r}; it is a whole number from 1 to 1000.",
                    candidates=candidates,
                )
            )
        if (candidates > 1) != (merit is not None):
            raise KinerjaError(
                _(
                    "hire: candidates and merit belong together, e.g. candidates=5, merit=lambda c: c.motivation; "
                    "without them there is one newcomer for each post."
                )
            )
        if tick != self._tick:
            self._tick, self._drawn = tick, {}
            self._count[:] = 0
        for count in np.unique(self._count[who]).tolist():
            part = who & (self._count == count)
            when = (tick, count) if count else (tick,)
            traits = [self._of(when if k == 0 else (*when, "candidate", k)) for k in range(candidates)]
            yield part, when, traits[0] if merit is None else self._best(part, traits, merit)
        self._count[who] += 1

    def _of(self, key: Key) -> Traits:
        if key not in self._drawn:
            self._drawn[key] = newcomers(self._officers, self._streams, *key)
        return self._drawn[key]

    def _best(self, who: Bool, traits: list[Traits], merit: Merit) -> Traits:
        pool = {name: np.stack([one[name] for one in traits]) for name in TRAITS}
        scores = np.asarray(merit(Candidates(pool)), np.float64)
        if scores.shape != (len(traits), len(who)) or np.isnan(scores[:, who]).any():
            raise KinerjaError(
                _(
                    "hire: merit gave numbers of shape {shape}, or some that are missing; it gives one number for each "
                    "of {candidates} candidates and each of {posts} posts, such as c.motivation or "
                    "c.skill.mean(axis=-1).",
                    shape=str(scores.shape),
                    candidates=len(traits),
                    posts=len(who),
                )
            )
        best = scores.argmax(axis=0)
        return {name: values[best, np.arange(len(who))] for name, values in pool.items()}
