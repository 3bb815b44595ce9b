"""What the command line says, in one of two languages."""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = ("id", "en")
"""Indonesian, English; the first is the default."""


@dataclass(frozen=True)
class Talk:
    """Chooses between an Indonesian and an English text.

    Examples
    --------
    >>> Talk("en")("selesai", "done")
    'done'
    """

    lang: str

    def __call__(self, indonesian: str, english: str) -> str:
        return indonesian if self.lang == "id" else english
