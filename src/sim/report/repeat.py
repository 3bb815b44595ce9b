"""How to get the same numbers again: the study as a file that ``kinerja study`` reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import yaml

from sim.levers import LEVERS, describe

if TYPE_CHECKING:
    from sim.study import Comparison


def study_yaml(comparison: Comparison) -> str:
    """The study of a comparison as YAML; run, it gives the same id and the same tables.

    A lever defined in a notebook cannot be told by YAML (no code is read from files); it is left out and its
    policy is marked in a comment.
    """
    return yaml_of(comparison.manifest["study"])


def yaml_of(study: Mapping[str, Any]) -> str:
    """As :func:`study_yaml`, from a study as :func:`sim.study.store.told` tells it."""
    lines: dict[str, Any] = {}
    for word in ("title", "question"):
        lines |= {f"{word}_{lang}": text for lang, text in study[word].items()}
    lines["agency"] = study["agency"]
    lines["policies"] = [_policy(policy) for policy in study["policies"]]
    lines["baseline"] = study["baseline"]
    lines["years"] = study["years"]
    lines["seed"] = study["seed"]
    if study["replications"] is not None:
        lines["replications"] = study["replications"]
    else:
        lines |= {"precision": study["precision"], "max_replications": study["max_replications"]}
    scenario = {key: value for key, value in study["scenario"].items() if value not in (None, {})}
    lines["scenario"] = scenario | {"start": date.fromisoformat(scenario["start"])}
    if study["headline"]:
        lines["outcomes"] = study["headline"]
    own = [p["name"] for p in study["policies"] if any(lever.get("own") for lever in p["levers"])]
    comment = f"# Incomplete: {', '.join(own)} has a lever defined in a notebook.\n" if own else ""
    return comment + yaml.dump(lines, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=88)


class _Line(dict[str, Any]):
    """A mapping written on one line."""


class _Dumper(yaml.SafeDumper):
    """As safe_dump, with levers on one line each."""


_Dumper.add_representer(
    _Line, lambda dumper, row: dumper.represent_mapping("tag:yaml.org,2002:map", row.items(), flow_style=True)
)


def _policy(policy: dict[str, Any]) -> dict[str, Any]:
    words = {key: policy[key] for key in ("name", "label_id", "label_en")}
    return words | {"levers": [_lever(lever) for lever in policy["levers"] if not lever.get("own")]}


def _lever(lever: dict[str, Any]) -> _Line:
    """Only what was chosen: parameters that are what they are by default go without saying."""
    known = LEVERS.get(lever["lever"])
    usual = {row["parameter"]: row["default"] for row in describe(known)} if known else {}
    return _Line((key, value) for key, value in lever.items() if key not in usual or value != usual[key])
