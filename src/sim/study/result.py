"""What every result of a study can tell of itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar


class StudyResult:
    """A result of any kind of study."""

    kind: ClassVar[str]
    manifest: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The study's id: the same question of the same model has the same id."""
        return self.manifest["id"]

    @property
    def partial(self) -> bool:
        """Whether it was interrupted, or is still under way."""
        return self.manifest["partial"]

    def sentence(self, lang: str = "id") -> str:
        """The answer in a sentence."""
        from sim.study.registry import report_of

        return report_of(self.kind).sentence(self, lang)


def result_folder(result: Any, out: str | Path) -> Path:
    """Where a result belongs under `out`; a partial one never takes the place of a whole one."""
    return Path(out) / (f"{result.id}-partial" if result.partial else result.id)
