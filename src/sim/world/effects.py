"""The effect book: the only way in which a lever changes behaviour, and the explanation of every officer's state.

An effect of size ``d_i = m * condition + s * z_i`` acts on a channel; ``m`` is drawn once per future and lever,
``z_i`` once per officer and lever, for life. Each officer has a *dose* of it, which fades. Commitment and other
conditions scale the mean only, so that they do not amplify harm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.agency.spec import DOMAINS
from sim.errors import KinerjaError, _
from sim.evidence import Effect
from sim.names import nearest
from sim.streams import Streams
from sim.world.officers import PERFORMANCE, Bool, Float, Officers

CHANNELS = (
    *(f"skill.{d}" for d in DOMAINS),
    "motivation",
    "performance",
    *PERFORMANCE,
    "presence",
    "attention",
)
"""Channels that an effect may act on. ``performance`` is for effects published for overall performance; ``presence`` is
in logits of the chance of being present; ``attention`` is the logarithm of the rate at which files, online requests and
complaints are noticed, averaged over the officers of a unit; the others are in performance SDs."""


@dataclass
class Entry:
    """One effect of one lever on one channel.

    Attributes
    ----------
    source, channel, finding : str
        Lever, channel, and row of the evidence table ("" where there is none).
    mean : float
        ``m`` of this future.
    personal : float64[n]
        ``s * z_i``.
    condition : float64[n]
        Scales the mean, at most 1.5.
    dose : float64[n]
        1 is the dose in the studies behind the evidence.
    half_life : float
        Months; infinite: does not fade.
    spread : float
        ``s``.
    routine : float64[n]
        Dose at the start of the study, which officers keep who do not adopt a practice.
    given : tuple
        The effect and the half-life it was made with.
    """

    source: str
    channel: str
    finding: str
    mean: float
    personal: Float
    condition: Float
    dose: Float
    half_life: float
    spread: float
    routine: Float
    given: tuple[Effect, float | None]

    @property
    def size(self) -> Float:
        """Size of the effect, ``d_i``."""
        return self.mean * self.condition + self.personal

    @property
    def contribution(self) -> Float:
        """Current contribution to the channel."""
        return self.size * self.dose

    def set(self, who: npt.ArrayLike, dose: npt.ArrayLike) -> None:
        """Set the dose of some officers: one for all of them, one each, or one per row of the officers' table."""
        self.dose[np.asarray(who)] = self._theirs(who, dose)

    def add(self, who: npt.ArrayLike, dose: npt.ArrayLike = 1.0) -> None:
        """Add to the dose of some officers; see :meth:`set`."""
        self.dose[np.asarray(who)] += self._theirs(who, dose)

    def _theirs(self, who: npt.ArrayLike, dose: npt.ArrayLike) -> npt.NDArray[np.float64]:
        given = np.asarray(dose, np.float64)
        return given[np.asarray(who)] if given.shape == self.dose.shape else given

    def require(self, ratio: npt.ArrayLike) -> None:
        """Set the condition: how well requirements are met relative to the evidence's settings, at most 1.5."""
        self.condition[:] = np.clip(ratio, 0.0, 1.5)


class EffectBook:
    """All effects of a run.

    Parameters
    ----------
    officers : Officers
    streams : Streams
    drawn : bool
        Draw the means from the evidence's distribution (the run has a future); else use them as published.

    Attributes
    ----------
    acting : str
        Lever that is acting now.
    adopted : dict
        Lever -> float64[n], 0 to 1: who has adopted a practice; others do not feel it. A lever without an entry is
        adopted by all.
    """

    MONTH_DAYS = 365.25 / 12

    def __init__(self, officers: Officers, streams: Streams, *, drawn: bool = False) -> None:
        self._officers = officers
        self._streams = streams
        self._drawn = drawn
        self._entries: dict[tuple[str, ...], Entry] = {}
        self._centre: dict[str, float] = {}
        self._arrived: dict[tuple[int | str, ...], dict[tuple[str, ...], Float]] = {}
        self.acting = ""
        self.adopted: dict[str, Float] = {}

    def entry(
        self,
        channel: str,
        effect: Effect,
        *,
        finding: str = "",
        half_life_days: float | None = None,
        source: str | None = None,
        part: str = "",
    ) -> Entry:
        """Return the entry of the acting lever for a channel, made at the first call.

        Parameters
        ----------
        channel : str
            One of :data:`CHANNELS`.
        effect : Effect
            Mean, uncertainty of the mean, spread between officers.
        finding : str
            Row of the evidence table that the effect comes from.
        half_life_days : float, optional
            Calendar days after which half the dose is gone; None: it stays.
        source : str, optional
            By default the lever that is acting.
        part : str
            Distinguishes entries of one lever on one channel; officers' responses are drawn per source and part.

        Raises
        ------
        KinerjaError
            There is no such channel; `effect` is no effect, or another than that of the same key; a half-life is not
            positive.
        """
        source = self.acting if source is None else source
        key = (source, channel, finding, part)
        given = (effect, half_life_days)
        if key in self._entries:
            if self._entries[key].given != given:
                raise KinerjaError(
                    _(
                        "{source} has an effect on {channel} already ({first}), and gives another now ({second}). Name "
                        "the second with part=, or change the dose of the first.",
                        source=source or _("a lever"),
                        channel=channel,
                        first=self._entries[key].given[0],
                        second=effect,
                    )
                )
        else:
            if channel not in CHANNELS:
                raise KinerjaError(
                    _(
                        "no channel {channel!r}{hint}; an effect acts on one of {channels}.",
                        channel=channel,
                        hint=nearest(channel, CHANNELS),
                        channels=list(CHANNELS),
                    )
                )
            if not isinstance(effect, Effect):
                raise KinerjaError(
                    _("{effect!r} is no effect. Write sim.Effect(mean=..., spread=...).", effect=effect)
                )
            if half_life_days is not None and not half_life_days > 0:
                raise KinerjaError(
                    _("a half-life of {days} days; give a number above 0, or none.", days=half_life_days)
                )
            n = len(self._officers)
            self._entries[key] = Entry(
                source=source,
                channel=channel,
                finding=finding,
                mean=self._mean(effect, source, channel, finding, part),
                personal=effect.spread * self._responses(source, channel, part)
                if effect.spread
                else np.zeros(n),
                condition=np.ones(n),
                dose=np.zeros(n),
                half_life=np.inf if half_life_days is None else half_life_days / self.MONTH_DAYS,
                spread=effect.spread,
                routine=np.zeros(n),
                given=given,
            )
            # canonical order, whenever an entry is made: sums are the same to the byte
            self._entries = dict(sorted(self._entries.items()))
        return self._entries[key]

    def add(
        self,
        channel: str,
        size: Effect,
        *,
        fade_days: float | None = None,
        who: npt.ArrayLike | None = None,
        dose: float = 1.0,
        part: str = "",
    ) -> Entry:
        """Give some officers (all by default) a dose of an effect: a short form of :meth:`entry`."""
        entry = self.entry(channel, size, half_life_days=fade_days, part=part)
        entry.add(self._officers.all() if who is None else self._officers.mask(who), dose)
        return entry

    def total(self, channel: str) -> Float:
        """Return the sum of the contributions to a channel, centred at the start of the study; float64[n]."""
        out = np.zeros(len(self._officers))
        for entry in self._entries.values():
            if entry.channel == channel:
                out += self._felt(entry)
        return out - self._centre.get(channel, 0.0)

    def _felt(self, entry: Entry) -> Float:
        adopted = self.adopted.get(entry.source)
        if adopted is None:
            return entry.contribution
        return entry.size * (entry.routine + adopted * (entry.dose - entry.routine))

    def fade(self, months: float = 1.0) -> None:
        """Let doses fade for some months."""
        for entry in self._entries.values():
            if np.isfinite(entry.half_life):
                entry.dose *= 0.5 ** (months / entry.half_life)

    def replace(self, who: Bool, *key: int | str) -> None:
        """Start newcomers in some slots: without any dose, and with responses of their own.

        Parameters
        ----------
        who : bool[n]
        key : int or str
            When, and which newcomer of that time; two calls with one key give the same responses, each to its slots.
        """
        if any(earlier[:1] != key[:1] for earlier in self._arrived):
            self._arrived.clear()
        responses = self._arrived.setdefault(key, {})
        for place, entry in self._entries.items():
            entry.dose[who] = entry.routine[who] = 0.0
            if entry.spread:
                if place not in responses:
                    stream = self._streams.generator("effect.response.newcomer", *place, *key)
                    responses[place] = entry.spread * stream.standard_normal(len(who))
                entry.personal[who] = responses[place][who]

    def swap(self, one: int, other: int) -> None:
        """Exchange two officers' posts, with their doses and responses."""
        for entry in self._entries.values():
            for values in (entry.personal, entry.condition, entry.dose, entry.routine):
                values[[one, other]] = values[[other, one]]

    def end(self, source: str) -> None:
        """End a lever: doses that do not fade by themselves become zero."""
        for entry in self._entries.values():
            if entry.source == source and not np.isfinite(entry.half_life):
                entry.dose[:] = 0.0

    def recentre(self) -> None:
        """Make the average officer there now the origin of every channel; called once, at the end of the burn-in."""
        for entry in self._entries.values():
            entry.routine = entry.dose.copy()
        self._centre = {}
        there = self._officers.there
        if there.any():
            self._centre = {channel: float(self.total(channel)[there].mean()) for channel in CHANNELS}

    def explain(self, officer: int) -> pd.DataFrame:
        """Explain an officer's state: one row per effect.

        Returns
        -------
        pandas.DataFrame
            Columns channel, source, finding, size (SD), dose, contribution (SD); one row ``average at the start`` per
            channel subtracts what the average officer had when the study started.
        """
        rows = [
            {
                "channel": entry.channel,
                "source": entry.source,
                "finding": entry.finding,
                "size": entry.size[officer],
                "dose": entry.dose[officer],
                "contribution": self._felt(entry)[officer],
            }
            for entry in self._entries.values()
        ]
        rows += [
            {
                "channel": channel,
                "source": "average at the start",
                "finding": "",
                "size": np.nan,
                "dose": np.nan,
                "contribution": -centre,
            }
            for channel, centre in self._centre.items()
            if centre
        ]
        columns = ["channel", "source", "finding", "size", "dose", "contribution"]
        return pd.DataFrame(rows, columns=columns).sort_values(["channel", "source"], ignore_index=True)

    def _mean(self, effect: Effect, *key: str) -> float:
        sd = float(np.hypot(effect.se, effect.between))
        if not self._drawn or sd == 0:
            return effect.mean
        return effect.mean + sd * float(self._streams.future("effect.mean", *key).standard_normal())

    def _responses(self, *key: str) -> Float:
        return per_unit(self._officers, self._streams, "effect.response", *key)


def per_unit(
    officers: Officers,
    streams: Streams,
    name: str,
    *key: int | str,
    kind: Literal["normal", "uniform"] = "normal",
    width: int | None = None,
) -> Float:
    """Draw standard normals or uniforms per officer, from a stream per unit; float64[n], or [n, width]."""

    def draw(streams: Streams) -> Float:
        draws = []
        for index, rows in enumerate(officers.slices):
            stream = streams.generator(name, *key, index)
            size = rows.stop - rows.start if width is None else (rows.stop - rows.start, width)
            draws.append(stream.random(size) if kind == "uniform" else stream.standard_normal(size))
        return np.concatenate(draws)

    return streams.once(("officers", name, key, kind, width), draw).copy()
