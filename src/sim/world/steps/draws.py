"""Random numbers of requests step by step, drawn on arrival, so that every policy meets the same citizens.

Each step of a route has streams of its own, keyed by service, step and month, in which the n-th citizen has the n-th
place, whatever share of citizens a policy keeps.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.agency.desks.work import Work
from sim.agency.routes import ATTEMPTS, flow
from sim.agency.spec import Service
from sim.calendar import TICKS_PER_MINUTE
from sim.desk import NEVER
from sim.streams import Streams
from sim.world.demand import EASE_FLOOR, ONLINE_WORK, Columns
from sim.world.officers import Float, Int
from sim.world.steps.layout import Delay, Layout, Stop

_DRAWN = ("work", "u_error", "u_branch", "attention")


class StepDraws:
    """Draws of one service in one month, as columns by step and round.

    Parameters
    ----------
    streams : Streams
    layout : Layout
    services : sequence of Service
        Of the unit.
    day : float
        Ticks of a mean working day of the unit.
    """

    def __init__(self, streams: Streams, layout: Layout, services: Sequence[Service], day: float) -> None:
        self._streams, self._layout, self._services, self._day = streams, layout, services, day
        self._wide = layout.steps * ATTEMPTS

    def of(
        self, parts: Sequence[Columns], number: int, month: int, online: tuple[int, float] | None
    ) -> list[Columns]:
        """Return the columns of a service's requests with the draws of all steps.

        Parameters
        ----------
        parts : sequence of dict
            As `draw_month` gives them: ordinary requests, then those that a policy adds.
        number : int
            Index of the service in its unit.
        month : int
            Calendar month.
        online : (int, float), optional
            Index of the unit's online service and the share of requests that go there.
        """
        return [self._part(part, number, month, extra, online) for extra, part in enumerate(parts)]

    def _part(
        self, part: Columns, number: int, month: int, extra: int, online: tuple[int, float] | None
    ) -> Columns:
        service, stops = self._services[number], self._layout.routes[number]
        key = (service.service, month, extra)
        place = part["id"] & 0xFFFFFFFF
        count = int(place.max(initial=-1)) + 1
        out = dict(part) | {"queue": np.full(len(place), self._layout.first[number])}
        if stops:
            out |= self._route("step", key, stops, count, place)
        else:
            out |= {name: np.tile(part[name], self._layout.steps) for name in ("work", "u_error")}
            out |= {name: np.zeros((len(place), self._wide)) for name in ("u_branch", "attention")}
        for name in ("complaint_work", "complaint_u_error"):
            out[name] = np.tile(part[name], self._layout.steps)
        out["complaint_attention"] = self._complaint_attention(key, part["complaint_class"], count, place)
        if online is not None and count:
            self._go_online(out, number, key, count, place, *online)
        return out

    def _route(
        self, name: str, key: tuple[str, int, int], stops: Sequence[Stop], count: int, place: Int
    ) -> Columns:
        """Draw work, error, branch and attention of each step of a route, for the citizens in these places."""
        out = {column: np.zeros((len(place), self._wide)) for column in _DRAWN}
        out["u_error"][:] = 1.0
        for stop in stops:
            step, columns = stop.step, _columns(stop.place)

            def stream(what: str, code: str = step.step) -> np.random.Generator:
                return self._streams.generator(f"{name}.{what}", key[0], code, *key[1:])

            normal = stream("work").standard_normal((count, ATTEMPTS))[place]
            work = Work(step.work_kind, step.work_cv or 0.0, np.empty(0))
            out["work"][:, columns] = work.draw(normal) * (step.work * TICKS_PER_MINUTE)
            out["u_error"][:, columns] = stream("error").random((count, ATTEMPTS))[place]
            if step.skips or 0 < step.ends < 1:
                out["u_branch"][:, columns] = stream("branch").random((count, ATTEMPTS))[place]
                for delay in stop.delays:  # who waits to be settled has not gone on yet
                    out["u_branch"][:, _columns(delay.place)] = out["u_branch"][:, columns]
            for delay in stop.delays:
                what = "noticed" if delay.place == stop.place else "settled"
                chance, size = stream(f"{what}.ever"), stream(what)
                out["attention"][:, _columns(delay.place)] = attention(
                    delay,
                    chance.random((count, ATTEMPTS))[place],
                    size.standard_normal((count, ATTEMPTS))[place],
                    self._day,
                )
        return out

    def _complaint_attention(self, key: tuple[str, int, int], classes: Int, count: int, place: Int) -> Float:
        out = np.zeros((len(place), self._wide))
        delays = self._layout.complaint_delays
        if not any(delays):
            return out
        for at in {delay.place for found in delays for delay in found}:
            what = "settled" if at else "noticed"
            chance = self._streams.generator(f"complaint.{what}.ever", *key)
            size = self._streams.generator(f"complaint.{what}", *key)
            u, z = chance.random((count, ATTEMPTS))[place], size.standard_normal((count, ATTEMPTS))[place]
            for klass, found in enumerate(delays):
                mine = classes == klass
                for delay in found:
                    if delay.place == at:
                        out[mine, _columns(at)] = attention(delay, u[mine], z[mine], self._day)
        return out

    def _go_online(
        self,
        part: Columns,
        number: int,
        key: tuple[str, int, int],
        count: int,
        place: Int,
        online: int,
        share: float,
    ) -> None:
        """Move some citizens to the online service, the easy ones first.

        Where it is a route, its steps share the work of the citizen's own request.
        """
        service, stops = self._services[number], self._layout.routes[number]
        reach = flow([stop.step for stop in stops]).reach if stops else [1.0]
        places = [stop.place for stop in stops] or [0]
        content = sum(r * part["work"][:, _columns(p)] for r, p in zip(reach, places, strict=True))
        ease = np.clip(2 - content[:, 0] / (service.work * TICKS_PER_MINUTE), 0.0, 2.0) + EASE_FLOOR
        draws = self._streams.generator("request.channel", *key).random(count)[place]
        moves = draws < np.minimum(1.0, share * ease / ease.mean())
        target, there = self._services[online], self._layout.routes[online]
        content = content * ONLINE_WORK
        if there:
            new = self._route("online", key, there, count, place)
            for stop in there:
                new["work"][:, _columns(stop.place)] = content * (stop.step.work / target.work)
        else:
            new = {"work": np.tile(content, self._layout.steps)}
            new["u_error"] = np.tile(part["u_error"][:, _columns(places[0])], self._layout.steps)
            new |= {name: np.zeros((len(place), self._wide)) for name in ("u_branch", "attention")}
        for name in _DRAWN:
            part[name] = np.where(moves[:, None], new[name], part[name])
        part["queue"] = np.where(moves, self._layout.first[online], part["queue"])
        part["patience"] = np.where(moves, NEVER, part["patience"])


def attention(delay: Delay, u: Float, normal: Float, day: float) -> Float:
    """Return the attention that cases need, in ticks at the rate 1; NEVER for those who need more than there is.

    Parameters
    ----------
    delay : Delay
    u, normal : float64[...]
        Uniforms, and standard normals.
    day : float
        Ticks of a working day.
    """
    needed = delay.median * day * np.exp(delay.spread * normal)
    return np.where(u < delay.never, float(NEVER), needed)


def _columns(place: int) -> slice:
    return slice(place * ATTEMPTS, (place + 1) * ATTEMPTS)
