"""Named random streams: a decision uses the same random numbers under every policy (common random numbers).

A stream is identified by its *name* and key, never by the order in which streams are requested, so that adding
one changes no other.
"""

from __future__ import annotations

import hashlib
import operator
from collections.abc import Callable, Hashable
from json.encoder import encode_basestring_ascii
from typing import Any, TypeVar, cast

import numpy as np

from sim.errors import KinerjaError, _

_REPLICATION, _FUTURE = 0, 1
Drawn = TypeVar("Drawn")


class Common:
    """What runs of one replication that go on side by side have in common, drawn by the first that needs it.

    Two runs may use one if their seed, replication, future, agency, scenario and length are equal: then what is drawn
    under the same key is the same. Whoever runs them calls :meth:`forget` when all have drawn the same month.
    """

    def __init__(self) -> None:
        self._drawn: dict[Hashable, tuple[Any, Streams]] = {}

    def forget(self) -> None:
        """Forget what was drawn."""
        self._drawn.clear()

    def once(self, streams: Streams, key: Hashable, draw: Callable[[Streams], Drawn]) -> Drawn:
        """Return what is drawn under a key, and count its streams as requested by a run."""
        if key not in self._drawn:
            own = streams.unused()
            self._drawn[key] = draw(own), own
        drawn, used = self._drawn[key]
        streams.claim(used, key)
        return cast(Drawn, drawn)


class UsedTwice(KinerjaError, ValueError):
    """A stream that is requested a second time in a run."""


class Streams:
    """All random streams of one run.

    Parameters
    ----------
    seed : int
        Random seed of the study, 0 <= seed < 2**64.
    replication : int
        Number of the replication, 0 <= replication < 2**32: determines all chance events of a run.
    future : int or None
        Number of the future, 0 <= future < 2**32: determines how large the effects are in the run. Streams of
        :meth:`future` depend on it and not on the replication.
    common : Common, optional
        What runs beside this one have drawn; may be set later.

    Examples
    --------
    >>> streams = Streams(seed=1, replication=0)
    >>> arrivals = streams.generator("arrivals", "ktp", 7)      # service ktp, month 7
    >>> streams.generator("arrivals", "ktp", 7)
    Traceback (most recent call last):
    ...
    sim.streams.UsedTwice: stream ('arrivals', 'ktp', 7) was requested twice; use it once, or give it another key
    """

    def __init__(
        self, seed: int, replication: int, future: int | None = None, common: Common | None = None
    ) -> None:
        self.common = common
        self._seed = _whole("seed", seed, 64)
        self._index = {_REPLICATION: _whole("replication", replication, 32)}
        if future is not None:
            self._index[_FUTURE] = _whole("future", future, 32)
        self._used: set[bytes] = set()

    def generator(self, name: str, *key: int | str) -> np.random.Generator:
        """Return the stream of this replication for a decision.

        Parameters
        ----------
        name : str
            The decision, e.g. ``"absence"``.
        *key : int or str
            Who and when: unit, service, month... The number 1 and the text "1" are different keys.

        Raises
        ------
        UsedTwice
            The stream was requested before in this run.
        TypeError
            A key is neither int nor str.
        """
        return self._generator(_REPLICATION, name, key)

    def future(self, name: str, *key: int | str) -> np.random.Generator:
        """Return, as :meth:`generator` does, a stream that is the same in all replications of one future.

        Raises
        ------
        ValueError
            The stream was requested before in this run, or the run has no future (its effects are at their means).
        """
        if _FUTURE not in self._index:
            raise ValueError("this run has no future: its effects are at their means; give Streams a future")
        return self._generator(_FUTURE, name, key)

    @property
    def shared(self) -> Streams:
        """The streams that do not depend on who uses them: for what every policy must meet alike."""
        return self

    def of(self, lever: str) -> Streams:
        """Return the streams of one of several levers of a kind: their keys hold its own key, if they do not yet.

        Examples
        --------
        >>> streams = Streams(seed=1, replication=0)
        >>> a, b = (streams.of(lever).generator("imposed", 7) for lever in ("discipline:a", "discipline:b"))
        >>> bool(a.random() == b.random())
        False
        """
        return _OfLever(self, lever)

    def once(self, key: Hashable, draw: Callable[[Streams], Drawn]) -> Drawn:
        """Return ``draw(streams)``, drawn once for all runs beside this one (see :class:`Common`).

        Parameters
        ----------
        key : hashable
            Everything that decides what is drawn, beside what the runs have in common.
        draw : callable
            Draws from the streams it is given. Nobody may change what it returns.

        Raises
        ------
        UsedTwice
            One of the streams it requests was requested before in this run.

        Examples
        --------
        >>> beside = Common()
        >>> one, other = (Streams(1, 0, common=beside) for _ in range(2))
        >>> drawn = [s.once("coin", lambda s: s.generator("coin").random(2)) for s in (one, other)]
        >>> drawn[0] is drawn[1]
        True
        """
        return draw(self) if self.common is None else self.common.once(self, key, draw)

    def unused(self) -> Streams:
        """Return the same streams, none of them requested yet."""
        twin = object.__new__(Streams)
        twin.common, twin._seed, twin._index, twin._used = self.common, self._seed, self._index, set()
        return twin

    def claim(self, others: Streams, what: Hashable = "") -> None:
        """Count as requested here what was requested of `others`.

        Raises
        ------
        UsedTwice
            A stream was requested here before.
        """
        if not self._used.isdisjoint(others._used):
            raise UsedTwice(
                _("stream {stream!r} was requested twice; use it once, or give it another key", stream=what)
            )
        self._used |= others._used

    def _generator(self, kind: int, name: str, key: tuple[int | str, ...]) -> np.random.Generator:
        path = _path(name, (self._seed, kind, self._index[kind], *key))
        digest = hashlib.blake2b(path, digest_size=32).digest()
        if digest in self._used:
            raise UsedTwice(
                _(
                    "stream {stream!r} was requested twice; use it once, or give it another key",
                    stream=(name, *key),
                )
            )
        self._used.add(digest)
        return np.random.Generator(np.random.PCG64(cast(np.random.SeedSequence, _Hashed(digest))))


class _OfLever(Streams):
    """Streams whose keys hold the key of a lever."""

    def __init__(self, shared: Streams, lever: str) -> None:
        self._shared, self._lever = shared, lever

    def generator(self, name: str, *key: int | str) -> np.random.Generator:
        return self._shared.generator(name, *self._with_lever(key))

    def future(self, name: str, *key: int | str) -> np.random.Generator:
        return self._shared.future(name, *self._with_lever(key))

    @property
    def shared(self) -> Streams:
        return self._shared

    def once(self, key: Hashable, draw: Callable[[Streams], Drawn]) -> Drawn:
        return self._shared.once((self._lever, key), lambda own: draw(own.of(self._lever)))

    def unused(self) -> Streams:
        return self._shared.unused().of(self._lever)

    def claim(self, others: Streams, what: Hashable = "") -> None:
        self._shared.claim(others.shared, what)

    def _with_lever(self, key: tuple[int | str, ...]) -> tuple[int | str, ...]:
        return key if self._lever in key else (*key, self._lever)


class _Hashed(np.random.bit_generator.ISeedSequence):
    """256 bits of a cryptographic hash as the state of a bit generator.

    The hash mixes the whole path, as SeedSequence would, and is 20 times as fast: a large agency requests tens of
    thousands of streams per simulated year.
    """

    def __init__(self, digest: bytes) -> None:
        self._words = np.frombuffer(digest, "<u8").astype(np.uint64)

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> np.ndarray:
        if n_words != len(self._words) or np.dtype(dtype) != np.uint64:
            raise TypeError(
                f"a stream has {len(self._words)} words of 64 bits, not {n_words} of {np.dtype(dtype)}"
            )
        return self._words


def _whole(what: str, value: int, bits: int) -> int:
    number = operator.index(value)
    if not 0 <= number < 2**bits:
        raise ValueError(f"{what} {value} is not a whole number from 0 to 2**{bits} - 1")
    return number


def _path(name: str, key: tuple[int | str, ...]) -> bytes:
    # JSON, assembled by hand because this is called thousands of times per simulated year
    parts = []
    for part in (name, *key):
        if isinstance(part, bool):
            raise TypeError(f"key {part!r} of stream {name!r} is a truth value; use an int or a str")
        parts.append(encode_basestring_ascii(part) if isinstance(part, str) else str(operator.index(part)))
    return f"[{', '.join(parts)}]".encode()
