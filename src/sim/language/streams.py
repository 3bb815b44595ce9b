"""Plain ASCII for streams that cannot write a minus sign or a triangle."""

from __future__ import annotations

import codecs
import unicodedata
from typing import Any

ASCII = {
    "\N{MINUS SIGN}": "-",
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "-",
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{BLACK UP-POINTING TRIANGLE}": "^",
    "\N{BLACK DOWN-POINTING TRIANGLE}": "v",
    "\N{WHITE CIRCLE}": "o",
    "\N{BLACK CIRCLE}": "*",
    "\N{PLUS-MINUS SIGN}": "+/-",
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{MIDDLE DOT}": "-",
    "\N{LESS-THAN OR EQUAL TO}": "<=",
    "\N{GREATER-THAN OR EQUAL TO}": ">=",
    "\N{ALMOST EQUAL TO}": "~",
    "\N{RIGHTWARDS ARROW}": "->",
    "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
}
"""Sign that the product prints -> its plain form."""


def plain_ascii(text: str) -> str:
    """Return a text in ASCII: signs by their plain form, letters without accents, the rest as code points.

    Examples
    --------
    >>> plain_ascii("▲ −6,2 (95\N{NO-BREAK SPACE}% é)")
    '^ -6,2 (95 % e)'
    """
    return "".join(sign if sign.isascii() else _plain(sign) for sign in text)


def _plain(sign: str) -> str:
    if sign in ASCII:
        return ASCII[sign]
    bare = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode("ascii")
    return bare or sign.encode("ascii", "backslashreplace").decode("ascii")


def write_safely(*streams: Any) -> None:
    """Make text streams write plain ASCII for each sign that their encoding lacks, never "?" and never an error."""
    codecs.register_error("plain_ascii", _replace)
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="plain_ascii")


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return plain_ascii(error.object[error.start : error.end]), error.end
