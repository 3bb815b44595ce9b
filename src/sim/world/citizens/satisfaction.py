"""Citizens' satisfaction: nine SKM elements, scored 1-4, and overall satisfaction, from what each citizen experienced.

Item k of respondent i is an ordinal logit with the latent ``place + S_i + cause_ik + own term``. *Place* is the unit's.
*Experience* S holds the respondent's disposition and what happened to them, ``b_w f + b_e errors + b_c care + b_k
courtesy``, of those who complained also ``b_h complaint``, where ``f = log2((wait + 10) / (published + 10))``, minutes:
whoever was served badly marks every element lower (halo). A cause also acts on its own element beyond that:
time <- wait, product <- errors, competence <- care, behaviour <- courtesy, complaint handling <- complaint. Overall
satisfaction is a tenth item without a cause of its own; *satisfied* is 3 or 4. b_w is not set but solved: the log odds
of being satisfied after 60 and after 15 minutes, where 30 are published, differ by what the evidence says.

``ikm_service`` keeps what is published fixed, ``ikm_perceived`` lets it change.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import expit

from sim.world.officers import Float

ELEMENTS = tuple(f"u{k}" for k in range(1, 10))
"""Requirements, procedure, time, cost, product, competence, behaviour, facilities, complaint handling."""
TIME, PRODUCT, COMPETENCE, BEHAVIOUR, COMPLAINTS = 2, 4, 5, 6, 8
FLOOR = 10.0
"""Minutes added to both waits: nobody tells two minutes from four (assumption)."""
SHORT, LONG, PUBLISHED = 15.0, 60.0, 30.0
"""Minutes between which the evidence on waiting is read, and those then published (assumption)."""
REFERENCE = 81.0
"""IKM at which the spread between respondents is stated: the middle of what Indonesian agencies publish."""
OWN_VARIANCE = np.pi**2 / 3
"""Variance of an item's own term, logistic."""
CAUSES = 1.8
"""Variance of S that comes of what happens to citizens today, logits squared; read off in the status quo, where it is
1.2 to 3.8, median 1.8. Disposition is the rest of what a citizen's answers share."""
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(61)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
_STEP, _END = 0.05, 40.0
_GRID = np.arange(-_END, _END + _STEP / 2, _STEP)


@dataclass(frozen=True)
class Response:
    """How citizens respond to what happens to them; all but the first are fields of the scenario.

    Attributes
    ----------
    waiting : float
        Log odds of being satisfied after 60 minutes minus those after 15, where 30 are published.
    error_logit : float
        Logits of S where the product was wrong; negative.
    care_logit, courtesy_logit : float
        Logits of S per SD of the officer's care and courtesy.
    complaint_logit : float
        Logits of S between a complaint that was settled in time and one that was not; of complainants only.
    halo : float
        Correlation of the latents of two items of one citizen today, .4 to .95.
    own_path : float
        What a cause does to its own element beyond S, relative to what it does through S; 1: half and half.
    respondent_sd : float
        SD between citizens' own IKM in a unit of :data:`REFERENCE`, points. It sets how far apart thresholds are, and
        the error of a survey.
    """

    waiting: float
    error_logit: float
    care_logit: float
    courtesy_logit: float
    complaint_logit: float
    halo: float
    own_path: float
    respondent_sd: float

    @classmethod
    def of(cls, scenario: Any, waiting: float) -> Self:
        """Return the response in a scenario, where the evidence on waiting is `waiting`."""
        return cls(waiting, *(float(getattr(scenario, f.name)) for f in fields(cls)[1:]))

    @property
    def scale(self) -> Scale:
        """The scale on which these citizens answer."""
        return _scale(self.halo, self.respondent_sd)


@dataclass(frozen=True, eq=False)
class Scale:
    """From a latent to answers, averaged over dispositions and own terms; tables on one grid of latents.

    Attributes
    ----------
    disposition : float
        SD of respondents' disposition, logits.
    spacing : float
        Logits between the thresholds of neighbouring answers.
    scores, odds : float64[grid]
        Mean score, 1-4, and log odds of answering 3 or 4.
    """

    disposition: float
    spacing: float
    scores: Float
    odds: Float

    def score(self, latent: npt.ArrayLike) -> Float:
        """Return the mean score, 1-4, at each latent."""
        return _read(self.scores, latent)

    def log_odds(self, latent: npt.ArrayLike) -> Float:
        """Return the log odds of being satisfied at each latent."""
        return _read(self.odds, latent)

    def level(self, ikm: float) -> float:
        """Return the latent of citizens whose IKM this is, 25 to 100; the ends are drawn in by half a point."""
        wanted = min(max(ikm, 25.5), 99.5) / 25
        return float(brentq(lambda x: float(self.score(x)) - wanted, -_END, _END))


def doublings(waited: npt.ArrayLike, published: npt.ArrayLike) -> Float:
    """Return how often the wait doubles what is published, both with :data:`FLOOR` minutes added.

    Parameters
    ----------
    waited, published : array_like of float
        Minutes.

    Examples
    --------
    >>> doublings([0, 30, 70], 30).tolist()
    [-2.0, 0.0, 1.0]
    """
    return np.asarray(np.log2((np.asarray(waited) + FLOOR) / (np.asarray(published) + FLOOR)))


@lru_cache(maxsize=4096)
def per_doubling(response: Response, ikm: float, usual: float) -> float:
    """Return b_w, logits per doubling of the wait, that gives the log odds ratio of the evidence in a unit.

    Parameters
    ----------
    response : Response
    ikm : float
        IKM of the unit in the agency table, which is that of citizens who wait as usual.
    usual : float
        What is usual there, in :func:`doublings`.

    Returns
    -------
    float
        Of the sign of ``response.waiting``.
    """
    ends = doublings([SHORT, LONG], PUBLISHED) - usual
    scale, level = response.scale, _level(response, ikm)

    def ratio(b: float) -> float:
        short, long = scale.log_odds(level + b * ends)
        return float(long - short)

    # steeper than this, one of the two waits leaves the grid: nobody, or everybody, is satisfied
    steepest = 5.0
    low, high = ratio(-steepest), ratio(steepest)
    if not low < response.waiting < high:
        return float(np.copysign(steepest, response.waiting))
    return float(brentq(lambda b: ratio(b) - response.waiting, -steepest, steepest))


@dataclass(frozen=True, eq=False)
class Experience:
    """What happened to n citizens.

    Attributes
    ----------
    waiting : float64[n]
        See :func:`doublings`.
    wrong : float64[n]
        1 where the product was wrong or never came, else 0.
    care, courtesy : float64[n]
        Of the officer who served, performance SDs from today's mean of the unit; 0 of those whom nobody served.
    complaint : float64[n]
        .5: they complained and it was settled in time; -.5: it was not; 0: they did not complain.
    """

    waiting: Float
    wrong: Float
    care: Float
    courtesy: Float
    complaint: Float

    def __len__(self) -> int:
        return len(self.waiting)

    def of(self, who: np.ndarray) -> Experience:
        """Return the experience of some citizens, by mask or index."""
        return Experience(*(getattr(self, f.name)[who] for f in fields(self)))

    @staticmethod
    def together(parts: list[Experience]) -> Experience:
        """Return the experience of several groups as one."""
        return Experience(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Experience)))


@dataclass(frozen=True)
class Answers:
    """What respondents answer on average; NaN where nobody was asked.

    Attributes
    ----------
    elements : float64[9]
        Mean scores, 1-4.
    satisfied : float
        Share satisfied overall, 0-1.
    """

    elements: Float
    satisfied: float

    @property
    def ikm(self) -> float:
        """The index, 25 to 100."""
        return 25 * float(self.elements.mean())


def answers(response: Response, ikm: float, usual: float, citizens: Experience) -> Answers:
    """Return what citizens answer.

    Parameters
    ----------
    response : Response
    ikm : float
        IKM of the unit in the agency table, which sets the level of those who wait as usual.
    usual : float
        The wait to which this index belongs, in :func:`doublings`.
    citizens : Experience

    Examples
    --------
    >>> import numpy as np
    >>> from sim.world import Scenario
    >>> response = Response.of(Scenario(), waiting=-0.7)
    >>> none = np.zeros(1)
    >>> round(answers(response, 81.0, 0.0, Experience(none, none, none, none, none)).ikm, 2)
    81.0
    """
    if not len(citizens):
        return Answers(np.full(9, np.nan), np.nan)
    scale = response.scale
    wait = per_doubling(response, ikm, usual) * (citizens.waiting - usual)
    wrong = response.error_logit * citizens.wrong
    care, courtesy = response.care_logit * citizens.care, response.courtesy_logit * citizens.courtesy
    complaint = response.complaint_logit * citizens.complaint
    s = _level(response, ikm) + wait + wrong + care + courtesy + complaint
    own = response.own_path
    score = scale.score(s)
    out = np.full(9, score.mean())
    for element, cause in ((TIME, wait), (PRODUCT, wrong), (COMPETENCE, care), (BEHAVIOUR, courtesy)):
        out[element] = scale.score(s + own * cause).mean()
    complained = citizens.complaint != 0
    if complained.any():
        moved = scale.score((s + own * complaint)[complained]) - score[complained]
        out[COMPLAINTS] += moved.sum() / len(citizens)
    return Answers(out, float(expit(scale.log_odds(s)).mean()))


@lru_cache(maxsize=4096)
def _level(response: Response, ikm: float) -> float:
    return response.scale.level(ikm)


@lru_cache(maxsize=256)
def _scale(halo: float, respondent_sd: float) -> Scale:
    """Return the scale on which two items correlate `halo` and the indices of two citizens of a unit differ so much."""
    shared = halo / (1 - halo) * OWN_VARIANCE
    disposition = float(np.sqrt(max(shared - CAUSES, 0.0)))

    def off(spacing: float) -> float:
        return _respondent_sd(float(np.sqrt(shared)), spacing) - respondent_sd

    # thresholds far apart: nearly all answer 3 or 4; close together: 1 or 4
    widest, closest = 60.0, 0.05
    spacing = widest if off(widest) > 0 else closest if off(closest) < 0 else brentq(off, closest, widest)
    steps = _steps(_GRID[:, None] + disposition * _NODES, spacing)
    scores = 1 + (steps.sum(axis=-1) * _WEIGHTS).sum(axis=-1)
    at = _GRID[:, None] + disposition * _NODES
    # both tails, so that the odds are exact where nearly everybody is satisfied
    odds = np.log(expit(at) @ _WEIGHTS) - np.log(expit(-at) @ _WEIGHTS)
    return Scale(disposition, float(spacing), scores, odds)


def _steps(latent: Float, spacing: float) -> Float:
    """Return the chances of answering at least 2, 3 and 4; float64[..., 3]."""
    return np.asarray(expit(latent[..., None] + spacing * np.array([1.0, 0.0, -1.0])))


def _respondent_sd(shared: float, spacing: float) -> float:
    """Return the SD between respondents' own IKM (mean of nine items) in a unit of :data:`REFERENCE`.

    `shared` is the SD of S between them.
    """

    def moments(place: float) -> tuple[float, float]:
        steps = _steps(place + shared * _NODES, spacing)
        mean = 1 + steps.sum(axis=-1)
        square = 1 + (steps * np.array([3.0, 5.0, 7.0])).sum(axis=-1)
        whole = float(mean @ _WEIGHTS)
        between = float((mean - whole) ** 2 @ _WEIGHTS)
        within = float((square - mean**2) @ _WEIGHTS)
        return whole, between + within / len(ELEMENTS)

    place = brentq(lambda x: moments(x)[0] - REFERENCE / 25, -200, 200)
    return 25 * float(np.sqrt(moments(place)[1]))


def _read(table: Float, latent: npt.ArrayLike) -> Float:
    """Read a table on the grid of latents, exact to 1e-4; quicker than a search, as the grid is even."""
    place = np.clip((np.asarray(latent) + _END) / _STEP, 0.0, len(table) - 1.001)
    before = place.astype(np.intp)
    low = table[before]
    return np.asarray(low + (place - before) * (table[before + 1] - low))
