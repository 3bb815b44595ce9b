"""The manifest of a result: what was run, how, where and with what."""

from __future__ import annotations

import datetime
import time
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from sim.runs.identity import Description
from sim.runs.provenance import commit, machine, model_code, model_data, versions


class Described(Protocol):
    """A specification; see :class:`sim.study.spec.StudySpec`."""

    kind: ClassVar[str]

    def describe(self) -> Description: ...
    def to_dict(self) -> dict[str, Any]: ...


def origin() -> dict[str, Any]:
    """Return what results of this moment have in common: versions, commit and machine."""
    return {"versions": versions(), "commit": commit(), "machine": machine()}


class ManifestBuilder:
    """Builds the content of ``manifest.json``; its clock starts when it is made.

    Parameters
    ----------
    known : mapping, optional
        What :func:`origin` returned, where many results are made and the commit need not be looked up for each.
    """

    def __init__(self, known: Mapping[str, Any] | None = None) -> None:
        self._known = known
        self._began = datetime.datetime.now(datetime.UTC)
        self._clock = time.perf_counter()

    def build(
        self,
        spec: Described,
        *,
        partial: bool,
        workers: int,
        description: Description | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """Return the manifest as plain data.

        Parameters
        ----------
        spec : StudySpec
        partial : bool
            Whether the study was interrupted, or is still under way.
        workers : int
            Runs done in parallel.
        description : Description, optional
            Of `spec`, where it is at hand.
        **more
            Plain data that belongs to the kind.
        """
        description = description or spec.describe()
        return {
            "id": description.id,
            "kind": spec.kind,
            "partial": partial,
            **more,
            "study": spec.to_dict(),
            "sources": description.sources,
            "data": model_data(),
            "code": model_code(),
            **(origin() if self._known is None else self._known),
            "workers": workers,
            "began": self._began.isoformat(timespec="seconds"),
            "seconds": round(time.perf_counter() - self._clock, 3),
        }
