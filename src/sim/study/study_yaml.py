"""How to get the same numbers again: the study as a file that ``kinerja study`` reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import yaml

from sim.levers import LEVERS, describe, load_policy, policy_names
from sim.levers.policy import policy_to_dict

if TYPE_CHECKING:
    from sim.study.compare.result import CompareResult
    from sim.study.result import StudyResult


def study_yaml(result: StudyResult) -> str:
    """Return the study of a result of any kind as YAML; run, it gives the same id and the same tables.

    A lever defined in a notebook cannot be written as YAML (no code is read from files); it is left out and its
    policy is marked in a comment.
    """
    return yaml_of(result.manifest["study"])


def yaml_of(study: Mapping[str, Any]) -> str:
    """As :func:`study_yaml`, from a study of any kind as :meth:`sim.study.StudySpec.to_dict` gives it."""
    rest = dict(study)
    kind = rest.pop("kind", "compare")
    lines: dict[str, Any] = {} if kind == "compare" else {"kind": kind}
    for word in ("title", "question"):
        lines |= {f"{word}_{lang}": text for lang, text in rest.pop(word).items()}
    if rest.get("replications") is not None:
        rest.pop("max_replications", None)  # they are as many as said
    for key, value in rest.items():
        if key == "policies":
            lines[key] = [policy if isinstance(policy, str) else _policy(policy) for policy in value]
        elif key == "policy":
            lines[key] = _policy(value)
        elif key == "scenario":
            scenario = {name: x for name, x in value.items() if x not in (None, {})}
            lines[key] = scenario | {"start": date.fromisoformat(scenario["start"])}
        elif value not in (None, {}, [], ""):
            lines["outcomes" if key == "headline" else key] = value
    policies = [*study.get("policies", ()), *([study["policy"]] if "policy" in study else ())]
    own = [
        p["name"]
        for p in policies
        if not isinstance(p, str) and any(lever.get("own") is True for lever in p["levers"])
    ]
    comment = f"# Incomplete: {', '.join(own)} has a lever defined in a notebook.\n" if own else ""
    return comment + yaml.dump(lines, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=88)


def fairness_yaml(comparison: CompareResult) -> str:
    """A study of kind ``fairness`` of the same policies, agency and seed as YAML: who gains and who is harmed.

    Policies that ship as they are go by their names.
    """
    study = comparison.manifest["study"]
    kept = ("agency", "baseline", "years", "seed", "scenario")
    given = {key: study[key] for key in kept} | {"replications": comparison.replications}
    policies = [policy["name"] if _ships(policy) else policy for policy in study["policies"]]
    return yaml_of({"kind": "fairness", "title": {}, "question": {}, "policies": policies, **given})


def _ships(policy: Mapping[str, Any]) -> bool:
    name = policy["name"]
    return name in policy_names() and policy_to_dict(load_policy(name)) == policy


class _Line(dict[str, Any]):
    """A mapping written on one line."""


class _Dumper(yaml.SafeDumper):
    """As safe_dump, with levers on one line each."""


_Dumper.add_representer(
    _Line, lambda dumper, row: dumper.represent_mapping("tag:yaml.org,2002:map", row.items(), flow_style=True)
)


def _policy(policy: dict[str, Any]) -> dict[str, Any]:
    words = {key: policy[key] for key in ("name", "label_id", "label_en")}
    return words | {"levers": [_lever(lever) for lever in policy["levers"] if lever.get("own") is not True]}


def _lever(lever: dict[str, Any]) -> _Line:
    """Only what was chosen: parameters that are what they are by default go without saying."""
    known = LEVERS.get(lever["lever"])
    usual = {row["parameter"]: row["default"] for row in describe(known)} if known else {}
    return _Line((key, value) for key, value in lever.items() if key not in usual or value != usual[key])
