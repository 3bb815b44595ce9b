"""The language people are spoken to in: the session's setting, the Indonesian catalogue, and how numbers are written.

Texts stand in English in the code, marked with :func:`sim.errors._`; their Indonesian is in ``id.po`` beside this file.
"""

from sim.language.catalogue import LANGUAGES, language, own_text, set_language, speaking, translated
from sim.language.streams import plain_ascii, write_safely

__all__ = [
    "LANGUAGES",
    "language",
    "own_text",
    "plain_ascii",
    "set_language",
    "speaking",
    "translated",
    "write_safely",
]
