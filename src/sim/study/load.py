"""Load a study of any kind from a YAML file, or its result from where it was saved."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.errors import KinerjaError, Problems, _
from sim.levers.base import nearest
from sim.levers.policy import policy_from
from sim.result import TABLE
from sim.runs.results import AGENCY, MANIFEST, agency_from, read_result
from sim.study.checks import scenario_from_mapping
from sim.study.compare.contributions import CONTRIBUTIONS, ContributionsResult
from sim.study.files import YamlFile, policy_of, read_spec, study_file
from sim.study.registry import KINDS, result_class, spec_class
from sim.study.spec import StudySpec
from sim.world import Scenario

HEADLINE_STUDY = "headline"
"""The study that is run when none is named."""

_WORDS = ("label", "title", "question", "source", "status")
"""What names of texts begin with: they change no number."""


class AnotherStudy(KinerjaError):
    """A saved result answers another study than the one it is read for."""


def load_study(name_or_path: str | Path = HEADLINE_STUDY, **changes: Any) -> Any:
    """Load a study of any kind: one that ships, by name, or one from a YAML file.

    Parameters
    ----------
    name_or_path : str or path
    **changes
        Parameters that replace what the file says, e.g. ``seed=2``.

    Returns
    -------
    StudySpec
        Of the class that belongs to the file's ``kind`` (``compare`` where it has none).

    Raises
    ------
    Problems
        With everything that is wrong in the file, each with line, key path and what to do.

    Examples
    --------
    >>> load_study("headline").kind
    'compare'
    """
    return _read(study_file(name_or_path), changes)


def check_yaml(path: str | Path) -> str:
    """Check a YAML file and say what it is: ``"policy"``, or the kind of study.

    Raises
    ------
    Problems
        With everything that is wrong in it.
    """
    file = YamlFile(Path(path))
    if {"kind", "agency", "policies"} & set(file.data):
        return _read(file, {}).kind
    policy_of(file)
    return "policy"


def _read(file: YamlFile, changes: Mapping[str, Any]) -> Any:
    kind = file.data.get("kind") or "compare"
    if kind not in KINDS:
        what = _("no kind of study {kind!r}{hint}.", kind=kind, hint=nearest(str(kind), KINDS))
        raise Problems([file.problem(("kind",), what, _("There are {kinds}.", kinds=", ".join(KINDS)))])
    return read_spec(file, spec_class(kind), changes)


def load_result(folder: str | Path, spec: StudySpec | None = None) -> Any:
    """Read a saved result of any kind of study and make sure that it is what was written.

    Levers that were defined in a notebook are not restored (no code is read from files): their policies are
    named in ``manifest["not_restored"]``; everything that needs no new run works. Results of statistical models
    (:mod:`sim.inference`) are saved for readers only and are not read back.

    Parameters
    ----------
    folder : path
        ``results/<id>``, or a folder of ``data/saved``.
    spec : StudySpec, optional
        The study that it must answer, e.g. ``load_study("headline")``; the result then has its texts and levers.

    Returns
    -------
    StudyResult or ContributionsResult
        What was saved: of the class that belongs to the kind of study, or contributions. Where `spec` is given, its
        comparison, of contributions too.

    Raises
    ------
    DamagedResult
        With the file that is missing, truncated or edited.
    KinerjaError
        The result of a statistical model.
    AnotherStudy
        Where it does not answer `spec`.

    Examples
    --------
    ``sim.load_result("results/1f0c2d9a8b7e6f55").summary()``
    """
    folder = Path(folder)
    if (folder / TABLE).is_file() and not (folder / MANIFEST).exists():
        raise KinerjaError(
            _(
                "{folder}: the table and the summaries of a statistical model, which are saved for readers and not "
                "read back; fit the model again.",
                folder=folder,
            )
        )
    tables, documents, manifest = read_result(folder)
    if spec is not None:
        if not _answers(documents, manifest, spec):
            raise AnotherStudy(
                _("{folder}: the result of another study; run the study again.", folder=folder)
            )
        manifest["not_restored"] = []
        return result_class(spec.kind).restored(spec, tables, manifest)
    kind, values, lost = _saved_spec(documents, manifest, str(folder))
    manifest["not_restored"] = lost
    result = result_class(kind).restored(spec_class(kind).restored(values), tables, manifest)
    if CONTRIBUTIONS in documents:
        return ContributionsResult.restored(documents[CONTRIBUTIONS], result)
    return result


def exact_spec(documents: Mapping[str, Any], manifest: Mapping[str, Any], where: str = "result") -> Any:
    """Return the study that a saved result answers, from what :func:`sim.runs.results.read_result` read.

    Raises
    ------
    KinerjaError
        Where it cannot be restored exactly.
    """
    kind, values, lost = _saved_spec(documents, manifest, where)
    if lost:
        raise KinerjaError(
            _(
                "{where}: {lost} has a lever that was defined in a notebook, or one that this "
                "version does not have, and no code is read from files; run its notebook again, with "
                "the study in the manifest's 'study'.",
                where=where,
                lost=", ".join(lost),
            )
        )
    cls = spec_class(kind)
    known = {f.name for f in dataclasses.fields(cls)}
    if manifest["partial"]:
        if "replications" not in known:  # a search, whose next runs depend on those before
            raise KinerjaError(
                _("{where}: an interrupted result cannot be repeated; run its study again.", where=where)
            )
        values |= {"replications": manifest["replications"]}
        values |= {"precision": {}} if "precision" in known else {}
    try:
        spec = cls(**values)
    except (Problems, TypeError, ValueError) as error:
        raise KinerjaError(
            _("{where}: this version cannot read its study ({error}).", where=where, error=error)
        ) from error
    study, now = manifest["study"], spec.to_dict()
    odd = [key for key in study if key in values and now.get(key) != study[key] and not manifest["partial"]]
    if odd:
        raise KinerjaError(
            _(
                "{where}: {odd} cannot be restored from the manifest; run the study where it was made.",
                where=where,
                odd=", ".join(odd),
            )
        )
    return spec


def _saved_spec(
    documents: Mapping[str, Any], manifest: Mapping[str, Any], where: str
) -> tuple[str, dict[str, Any], list[str]]:
    """Return the kind of a saved study, its parameters, and the names of policies that lack a lever."""
    if "study" not in manifest:
        raise KinerjaError(_("{where}: a result of another kind than a study.", where=where))
    study = dict(manifest["study"])
    kind = study.pop("kind", "compare")
    if kind not in KINDS:
        raise KinerjaError(
            _(
                "{where}: a study of the kind {kind!r}, which this version does not know.",
                where=where,
                kind=kind,
            )
        )
    lost: list[str] = []

    def policy(saved: Mapping[str, Any]) -> Any:
        restored, complete = policy_from(saved)
        lost.extend([] if complete else [restored.name])
        return restored

    def agency(name: str) -> Any:
        return agency_from(documents.get(f"{AGENCY}-{name}", documents[AGENCY]))

    def scenario(saved: Mapping[str, Any]) -> Scenario:
        # an older result may hold what this version has no place for: it counts where it was used
        gone = [key for key in saved if key not in Scenario.__dataclass_fields__]
        lost.extend(f"scenario.{key}" for key in gone if saved[key] not in (None, {}))
        return scenario_from_mapping({key: value for key, value in saved.items() if key not in gone})

    readers = {
        "agency": agency,
        "others": lambda names: tuple(agency(name) for name in names),
        "policy": policy,
        "policies": lambda rows: tuple(policy(row) for row in rows),
        "scenario": scenario,
    }
    known = {f.name for f in dataclasses.fields(spec_class(kind))}
    values = {key: readers.get(key, _tuples)(value) for key, value in study.items() if key in known}
    return kind, values, lost


def _tuples(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _answers(documents: Mapping[str, Any], manifest: Mapping[str, Any], spec: StudySpec) -> bool:
    """Return whether a saved result answers this study; how things are called does not matter."""
    places = getattr(spec, "agencies", (spec.agency,))
    saved = [documents.get(f"{AGENCY}-{place.name}", documents[AGENCY]) for place in places]
    study = {"kind": "compare", **manifest.get("study", {})}
    now = [dataclasses.asdict(place) for place in places], spec.to_dict()
    return _numbers((saved, study)) == _numbers(now)


def _numbers(value: Any) -> Any:
    """What decides numbers: plain data without labels, titles and sources."""
    if isinstance(value, Mapping):
        return {str(k): _numbers(v) for k, v in value.items() if not str(k).startswith(_WORDS)}
    if isinstance(value, (list, tuple)):
        return [_numbers(v) for v in value]
    return value
