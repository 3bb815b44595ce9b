"""Warnings about an agency: something to look at that does not keep it from being used."""

from __future__ import annotations

from dataclasses import dataclass

from sim.errors import Problem, _


@dataclass(frozen=True, slots=True)
class Doubt(Problem):
    """A warning: the agency loads, but its user should know of it.

    Same attributes as :class:`sim.errors.Problem`; distinguish the two with ``isinstance``.
    """

    def text(self, *, lang: str | None = None) -> str:
        """Return the warning in one line, in a language, by default the session's."""
        return _("warning: {problem}", problem=Problem.text(self, lang=lang)).text(lang=lang)
