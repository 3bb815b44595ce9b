"""Policies: named sets of levers, frozen and printable, written as YAML and read back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from sim.errors import KinerjaError, Message, _
from sim.language import own_text
from sim.levers.base import Lever, own_outcomes
from sim.levers.registry import LEVERS
from sim.names import known_arguments, named, nearest
from sim.outcomes import OUTCOMES, Outcome
from sim.paths import data_dir


@named
@dataclass(frozen=True)
class Policy:
    """A named set of levers.

    Parameters
    ----------
    name : str
        Short code without spaces.
    levers : tuple of Lever
        Kept in canonical order, so that A + B equals B + A.
    label_id, label_en : str
        Name for people in Indonesian and English, by default the name.
    before : Policy, optional
        Policy in force during the burn-in, by default the shipped status quo.

    Examples
    --------
    >>> from sim.levers import Feedback, status_quo
    >>> status_quo().plus(Feedback(citizens=12), name="citizens").name
    'citizens'
    """

    name: str
    levers: tuple[Lever, ...] = ()
    label_id: str = ""
    label_en: str = ""
    before: Policy | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        _must_be_levers(self.levers)
        ordered = tuple(sorted(self.levers, key=lambda lever: lever.sort_key))
        keys = [lever.key for lever in ordered]
        for key in keys:
            if keys.count(key) > 1:
                raise KinerjaError(
                    _(
                        "policy {name!r} has the lever {key!r} twice; give one of them a tag.",
                        name=self.name,
                        key=key,
                    )
                )
        object.__setattr__(self, "levers", ordered)
        object.__setattr__(self, "label_id", self.label_id or self.name)
        object.__setattr__(self, "label_en", self.label_en or self.name)

    @property
    def before_levers(self) -> tuple[Lever, ...]:
        """Levers in force before the policy starts."""
        return (self.before or status_quo()).levers

    def label(self, *, lang: str | None = None) -> str:
        """Return the name for people in a language ("id" or "en"), by default the session's."""
        return own_text(self, lang=lang)

    def plus(self, *levers: Lever, name: str | None = None, label_id: str = "", label_en: str = "") -> Policy:
        """Return this policy with more levers; a lever with the key of an existing one replaces it."""
        _must_be_levers(levers)
        new = {lever.key for lever in levers}
        kept = tuple(lever for lever in self.levers if lever.key not in new)
        name = name or "+".join([self.name, *(lever.key for lever in levers)])
        return replace(self, name=name, levers=kept + levers, label_id=label_id, label_en=label_en)

    def minus(self, *keys: str, name: str | None = None) -> Policy:
        """Return this policy without some levers, given by key."""
        have = {lever.key for lever in self.levers}
        for key in keys:
            if key not in have:
                raise KinerjaError(
                    _(
                        "policy {name!r} has no lever {key!r}{hint}.",
                        name=self.name,
                        key=key,
                        hint=nearest(key, have),
                    )
                )
        kept = tuple(lever for lever in self.levers if lever.key not in keys)
        return replace(self, name=name or "-".join([self.name, *keys]), levers=kept, label_id="", label_en="")

    def to_yaml(self) -> str:
        """Return the policy as YAML, for :func:`policy_from_yaml`.

        Raises
        ------
        KinerjaError
            A lever is defined in a notebook or script; files hold no code.
        """
        for lever in self.levers:
            if LEVERS.get(lever.name) is not type(lever):
                raise KinerjaError(
                    _(
                        "policy {name!r}: lever {lever!r} is defined in a notebook, and no code is read from "
                        "files; keep the policy in the notebook.",
                        name=self.name,
                        lever=lever.name,
                    )
                )
        rows = [{"lever": lever.name, **plain(lever.parameters())} for lever in self.levers]
        head = {"name": self.name, "label_id": self.label_id, "label_en": self.label_en, "levers": rows}
        return yaml.safe_dump(head, sort_keys=False, allow_unicode=True)


def _must_be_levers(levers: Any) -> None:
    """Refuse what is no sequence of levers."""
    if isinstance(levers, (tuple, list)) and all(isinstance(lever, Lever) for lever in levers):
        return
    raise KinerjaError(
        _(
            "levers: {levers!r} are no levers; give them as a sequence, such as (Training(seats=40),).",
            levers=levers,
        )
    )


def policy_from_yaml(text: str, where: str = "policy") -> Policy:
    """Read a policy from YAML text.

    Parameters
    ----------
    text : str
        Keys ``name``, ``label_id``, ``label_en``, ``extends`` (a shipped policy), ``without`` (keys of levers to
        leave out) and ``levers``: a list of mappings with ``lever`` and its parameters.
    where : str
        Name of the source, for errors.

    Raises
    ------
    KinerjaError
        The text is wrong; names the place, and the nearest name that exists.
    """
    try:
        spec = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise KinerjaError(
            _("{where}: not YAML: {reason}.", where=where, reason=yaml_reason(error))
        ) from error
    if not isinstance(spec, dict):
        raise KinerjaError(
            _("{where}: must hold keys such as name and levers; see data/policies for examples.", where=where)
        )
    return policy_from_mapping(spec, where)


def yaml_reason(error: yaml.YAMLError) -> Message:
    """Return why a text is no YAML, in the words of the parser."""
    problem = str(getattr(error, "problem", None) or error)
    if found := re.fullmatch(r"expected (.+), but (?:got|found) (.+)", problem):
        return _(
            "expected {expected}, but found {there}", expected=found[1].replace(" or ", ", "), there=found[2]
        )
    if found := re.fullmatch(r"found character (.+) that cannot start any token", problem):
        return _("found character {sign}, which cannot start anything (a tab? use spaces)", sign=found[1])
    if found := re.fullmatch(r"found undefined alias (.+)", problem):
        return _("found undefined alias {alias}", alias=found[1])
    return PARSER.get(problem, Message(problem))


PARSER = {
    text.template: text
    for text in (
        _("mapping values are not allowed here"),
        _("mapping values are not allowed in this context"),
        _("could not find expected ':'"),
        _("found unexpected end of stream"),
    )
}
"""What the parser of YAML says, so that it is translated."""


def policy_from_mapping(spec: dict[str, Any], where: str = "policy") -> Policy:
    """Make a policy from a mapping with the keys of :func:`policy_from_yaml`."""
    known = ("name", "label_id", "label_en", "extends", "without", "levers")
    for key in spec:
        if key not in known:
            raise KinerjaError(
                _(
                    "{where}: unknown key {key!r}{hint}; it may have {known}.",
                    where=where,
                    key=key,
                    hint=nearest(str(key), known),
                    known=list(known),
                )
            )
    name = spec.get("name")
    if not isinstance(name, str) or not name:
        raise KinerjaError(_("{where}: key 'name' is missing or not text.", where=where))
    base = load_policy(spec["extends"]) if spec.get("extends") else Policy(name)
    if spec.get("without"):
        base = base.minus(*spec["without"])
    levers: list[Lever] = []
    rows = spec.get("levers") or []
    if not isinstance(rows, list):
        raise KinerjaError(
            _("{where}: 'levers' must be a list of mappings, each with a key 'lever'.", where=where)
        )
    for number, row in enumerate(rows, start=1):
        place = _("{where}, lever {number}", where=where, number=number)
        if not isinstance(row, dict) or not isinstance(row.get("lever"), str):
            raise KinerjaError(
                _("{place}: must be a mapping with a key 'lever' that names one.", place=place)
            )
        cls = LEVERS.get(row["lever"])
        if cls is None:
            raise KinerjaError(
                _(
                    "{place}: unknown lever {lever!r}{hint}; there are {levers}.",
                    place=place,
                    lever=row["lever"],
                    hint=nearest(row["lever"], LEVERS),
                    levers=list(LEVERS),
                )
            )
        try:
            levers.append(cls.build({k: v for k, v in row.items() if k != "lever"}))
        except KinerjaError as error:
            raise KinerjaError(_("{place}: {error}", place=place, error=error)) from error
    return base.plus(
        *levers,
        name=name,
        label_id=str(spec.get("label_id") or name),
        label_en=str(spec.get("label_en") or name),
    )


def policy_names() -> list[str]:
    """Return the names of the policies that ship, in alphabetical order."""
    return sorted(path.stem for path in (data_dir() / "policies").glob("*.yaml"))


@known_arguments()
def load_policy(name: str | Path) -> Policy:
    """Load a policy that ships, by name, or one from a YAML file."""
    shipped = data_dir() / "policies" / f"{name}.yaml"
    path = shipped if shipped.is_file() else Path(name)
    if not path.is_file():
        names = policy_names()
        raise KinerjaError(
            _(
                "no policy {name!r}{hint}; there are {names}.",
                name=str(name),
                hint=nearest(str(name), names),
                names=names,
            )
        )
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise KinerjaError(
            _("{path}: not UTF-8 text (byte {start}); save it as UTF-8.", path=path, start=error.start)
        ) from error
    return policy_from_yaml(text, path.name)


def as_policy(policy: Policy | str | Path) -> Policy:
    """Return a policy that is given as such, by the name of one that ships, or by the path of a YAML file."""
    if isinstance(policy, (str, Path)):
        return load_policy(policy)
    if isinstance(policy, Policy):
        return policy
    raise KinerjaError(
        _(
            "policy: {policy!r} is neither a policy nor the name of one; there are {names}.",
            policy=policy,
            names=policy_names(),
        )
    )


@cache
def status_quo() -> Policy:
    """Return today's practice, ``data/policies/status_quo.yaml``: a policy like any other."""
    return load_policy("status_quo")


def policy_to_dict(policy: Policy) -> dict[str, Any]:
    """Return a policy as plain values, for manifests; a lever that does not ship is marked ``own``."""
    levers = []
    for lever in policy.levers:
        row = {"lever": lever.name, **plain(lever.parameters())}
        if LEVERS.get(lever.name) is not type(lever):
            row["own"] = True
            if own_outcomes(lever):
                row["outcomes"] = [asdict(outcome) for outcome in own_outcomes(lever)]
        levers.append(row)
    names = {"name": policy.name, "label_id": policy.label_id, "label_en": policy.label_en}
    before = None if policy.before is None else policy_to_dict(policy.before)
    return {**names, "levers": levers, "before": before}


def plain(value: Any) -> Any:
    """Return a parameter as JSON writes it; other values as their repr."""
    if isinstance(value, (tuple, list)):
        return [plain(x) for x in value]
    if isinstance(value, Mapping):
        return {str(key): plain(x) for key, x in value.items()}
    return value if value is None or isinstance(value, (bool, int, float, str)) else repr(value)


def policy_from(mapping: Mapping[str, Any]) -> tuple[Policy, bool]:
    """Make a policy from the values of :func:`policy_to_dict`, and tell whether it has all of its levers."""
    rows = [row for row in mapping["levers"] if row.get("own") is not True]
    for outcome in (o for row in mapping["levers"] if row.get("own") for o in row.get("outcomes", ())):
        if outcome["name"] not in OUTCOMES:
            OUTCOMES.add(Outcome(**outcome))
    names = {key: mapping[key] for key in ("name", "label_id", "label_en")}
    before, whole_before = (None, True) if mapping["before"] is None else policy_from(mapping["before"])
    try:
        policy = policy_from_mapping({**names, "levers": rows}, mapping["name"])
    except KinerjaError:  # a lever this version does not have
        return Policy(**names, before=before), False
    return replace(policy, before=before), whole_before and len(rows) == len(mapping["levers"])
