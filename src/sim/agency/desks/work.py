"""The distribution of a service's work content: how it is stated, checked and drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainccinv, gammaincinv, log_ndtr, ndtr

from sim.agency.parse import Table
from sim.agency.routes import FIXED_CV
from sim.agency.sheets import near, shown
from sim.agency.spec import Agency, WorkSample
from sim.errors import Problem, _

CLOSE = 0.01
"""Mean and coefficient of variation of a sample may miss those of the service by this much, relative or absolute:
they are written with few decimals."""

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Work:
    """The work content of a service relative to its mean.

    Attributes
    ----------
    kind : str
        One of :data:`sim.agency.spec.WORK_KINDS`.
    cv : float
        Coefficient of variation; that of a sample is its own.
    minutes : float64[n]
        Of a sample: single cases, or the quantiles.
    quantiles : float64[n], optional
        Of a sample given by quantiles; in between, minutes are linear.
    """

    kind: str
    cv: float
    minutes: Float
    quantiles: Float | None = None

    def draw(self, normal: Float) -> Float:
        """Turn standard normals into work of mean 1; a larger number is more work in every distribution.

        Examples
        --------
        >>> Work("constant", 0.0, np.empty(0)).draw(np.array([-1.0, 2.0])).tolist()
        [1.0, 1.0]
        """
        if self.kind == "constant":
            return np.ones_like(normal)
        if self.kind == "exponential":
            return -np.asarray(log_ndtr(-normal))
        if self.kind == "gamma":
            return np.exp(np.interp(normal, *_gamma(self.cv)))
        if self.kind == "sample":
            return self._sampled(np.asarray(ndtr(normal))) / moments(self.minutes, self.quantiles)[0]
        sigma = np.sqrt(np.log1p(self.cv**2))
        return np.asarray(np.exp(sigma * normal - sigma**2 / 2))

    def _sampled(self, u: Float) -> Float:
        if self.quantiles is not None:
            return np.interp(u, self.quantiles, self.minutes)
        return self.minutes[np.minimum((u * len(self.minutes)).astype(np.int64), len(self.minutes) - 1)]


@lru_cache(maxsize=256)
def _gamma(cv: float) -> tuple[Float, Float]:
    """Return standard normals and the logarithms of the gamma quantiles of mean 1 that belong to them.

    Interpolated, they are right to some 1e-6 and a hundred times as fast as the quantiles themselves.
    """
    k, normal = 1 / cv**2, np.linspace(-8.5, 8.5, 4251)
    low, high = gammaincinv(k, ndtr(normal)), gammainccinv(k, ndtr(-normal))  # each exact in its own tail
    return normal, np.log(np.maximum(np.where(normal < 0, low, high), 1e-300) / k)


def work_of(agency: Agency, service: str) -> Work:
    """Return the distribution of a service's work.

    Examples
    --------
    >>> from sim.agency import load_agency
    >>> work_of(load_agency("contoh"), "ktp").kind
    'lognormal'
    """
    row = next(s for s in agency.services if s.service == service)
    if row.work_kind != "sample":
        return Work(row.work_kind, row.work_cv, np.empty(0))
    minutes, quantiles = _sample([s for s in agency.work_samples if s.service == service])
    mean, sd = moments(minutes, quantiles)
    return Work("sample", sd / mean, minutes, quantiles)


def moments(minutes: Float, quantiles: Float | None) -> tuple[float, float]:
    """Return mean and standard deviation of a sample, in minutes.

    Examples
    --------
    >>> moments(np.array([0.0, 12.0]), np.array([0.0, 1.0]))  # uniform
    (6.0, 3.4641016151377544)
    """
    if quantiles is None:
        return float(minutes.mean()), float(minutes.std())
    low, high, part = minutes[:-1], minutes[1:], np.diff(quantiles)
    mean = float((part * (low + high) / 2).sum())
    second = float((part * (low * low + low * high + high * high) / 3).sum())
    return mean, float(np.sqrt(max(0.0, second - mean**2)))


def _sample(rows: Sequence[WorkSample]) -> tuple[Float, Float | None]:
    """Return minutes, in increasing order, and quantiles of the rows of one service."""
    if rows and rows[0].quantile is not None:
        pairs = sorted((float(row.quantile or 0.0), row.minutes) for row in rows)
        return np.array([m for __, m in pairs]), np.array([q for q, __ in pairs])
    return np.sort([row.minutes for row in rows]), None


def work_problems(tables: dict[str, Table]) -> Iterator[Problem]:
    """Find what is wrong with the distributions of work, and with the table work_samples."""
    if "services" not in tables:
        return
    services, samples = tables["services"], tables.get("work_samples")
    by_service: dict[str, list[tuple[int, WorkSample]]] = {}
    for n, row in samples.rows if samples else ():
        by_service.setdefault(row.service, []).append((n, row))
    known = {row.service: row for __, row in services.rows}
    for n, row in services.rows:
        yield from variation_problems(services, n, row.work_kind, row.work_cv)
        if row.work_kind == "sample" and row.service not in by_service:
            if samples is None or samples.complete:
                what = _("the table work_samples has no row of {service}.", service=shown(row.service))
                do = _("Add the minutes that were measured, or choose another work_kind.")
                yield services.problem(n, "work_kind", what, do)
        elif row.work_kind == "sample" and samples is not None and samples.complete:
            found = list(_sample_problems(samples, by_service[row.service]))
            yield from found or _agrees(services, n, row, [s for __, s in by_service[row.service]])
    for service, rows in by_service.items() if samples else ():
        assert samples is not None
        if service not in services.keys:
            do = _("{hint}Correct the code.", hint=near(service, sorted(services.keys)))
            yield samples.problem(
                rows[0][0], "service", _("there is no service {service}.", service=shown(service)), do
            )
        elif service in known and known[service].work_kind != "sample":
            what = _(
                "nothing reads this sample: the work_kind of {service} is {kind}.",
                service=shown(service),
                kind=known[service].work_kind,
            )
            yield samples.problem(
                rows[0][0], "service", what, _("Write the work_kind sample, or take the rows out.")
            )


def _sample_problems(table: Table, rows: list[tuple[int, WorkSample]]) -> Iterator[Problem]:
    """Check the rows of one service: single cases, or quantiles from 0 to 1."""
    without = [n for n, row in rows if row.quantile is None]
    if without and len(without) < len(rows):
        what = _("some rows of this service have a quantile and this one has none.")
        yield table.problem(without[0], "quantile", what, _("Give all or none."))
        return
    if not any(row.minutes for __, row in rows):
        what = _("all minutes of this service are 0.")
        yield table.problem(rows[0][0], "minutes", what, _("Write the minutes that were measured."))
    if without:
        return
    ordered = sorted(rows, key=lambda pair: (pair[1].quantile or 0.0, pair[1].minutes))
    shares = [row.quantile or 0.0 for __, row in ordered]
    if shares[0] != 0 or shares[-1] != 1:
        what = _(
            "the quantiles of this service run from {low:g} to {high:g}, not from 0 to 1.",
            low=shares[0],
            high=shares[-1],
        )
        do = _("Give the least minutes the quantile 0 and the most the quantile 1.")
        yield table.problem(ordered[0][0], "quantile", what, do)
    for (__, one), (n, other) in pairwise(ordered):
        if one.quantile == other.quantile:
            what = _("the quantile {share:g} is there twice.", share=other.quantile)
            yield table.problem(n, "quantile", what, _("Keep one of the two."))
        elif other.minutes < one.minutes:
            what = _(
                "{minutes:g} minutes at the quantile {share:g} are fewer than at a lower one.",
                minutes=other.minutes,
                share=other.quantile,
            )
            yield table.problem(n, "minutes", what, _("Order the minutes as the quantiles."))


def _agrees(table: Table, n: int, service: object, rows: list[WorkSample]) -> Iterator[Problem]:
    """Check that mean and variation of a service are those of its sample."""
    mean, sd = moments(*_sample(rows))
    for column, has in (("work", mean), ("work_cv", sd / mean)):
        stated = getattr(service, column)
        if abs(stated - has) > CLOSE * max(1.0, has):
            what = _(
                "{column} is {stated:g}, but the sample has {has:.4g}.", column=column, stated=stated, has=has
            )
            yield table.problem(n, column, what, _("Write {has:.4g}.", has=has))


def variation_problems(table: Table, n: int, kind: str, cv: float) -> Iterator[Problem]:
    """Check that a coefficient of variation is one that the distribution can have."""
    fixed = FIXED_CV.get(kind)
    if fixed is not None and cv != fixed:
        what = _(
            "work that is {kind} has the coefficient of variation {fixed:g}, not {cv:g}.",
            kind=kind,
            fixed=fixed,
            cv=cv,
        )
        do = _("Write {fixed:g}, or choose another work_kind.", fixed=fixed)
        yield table.problem(n, "work_cv", what, do)
    elif kind == "gamma" and cv == 0:
        what = _("work that is gamma varies, but its coefficient of variation is 0.")
        yield table.problem(n, "work_cv", what, _("Write a number above 0, or the work_kind constant."))
