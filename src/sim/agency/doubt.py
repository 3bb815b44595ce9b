"""Something to look at that does not keep an agency from being used."""

from __future__ import annotations

from dataclasses import dataclass

from sim.errors import Problem, _


@dataclass(frozen=True, slots=True)
class Doubt(Problem):
    """A warning: the agency loads, but its reader should know.

    Same attributes as :class:`sim.errors.Problem`; tell the two apart with ``isinstance``.
    """

    def text(self, lang: str | None = None) -> str:
        """Return the warning in one line, in a language, by default the session's."""
        return _("warning: {problem}", problem=Problem.text(self, lang)).text(lang)
