"""What every result answers to, of a study or of a statistical model: one vocabulary.

``table()``, ``summary(lang=)``, ``plot(lang=, ax=)``, ``to_frame()``, ``save(folder)``, ``notes``, and a
picture of itself in a notebook.
"""

from __future__ import annotations

import html
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim.language import speaking

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.errors import Message

MOST_ROWS = 20
"""Rows of a table that a summary shows; the whole is in ``table()``."""

TABLE = "table.csv"
"""The file that holds the table of a saved result of a model."""


class Summary(str):
    """A few sentences and a table, as text; in a notebook as HTML.

    Parameters
    ----------
    sentences : sequence of str
        What the result says, cautions included, one paragraph each.
    table : DataFrame
        The estimates behind them.
    """

    __slots__ = ("sentences", "table")
    sentences: tuple[str, ...]
    table: pd.DataFrame

    def __new__(cls, sentences: Sequence[str], table: pd.DataFrame) -> Summary:
        text = "\n".join(sentences)
        if len(table):
            text += "\n\n" + table.to_string(max_rows=MOST_ROWS)
        made = super().__new__(cls, text)
        made.sentences, made.table = tuple(sentences), table
        return made

    def _repr_html_(self) -> str:
        prose = "".join(f"<p>{html.escape(line)}</p>" for line in self.sentences)
        return prose + (self.table.to_html(max_rows=MOST_ROWS, border=0) if len(self.table) else "")


def placed(draw: Callable[[Axes | None], Figure], ax: Axes | None) -> Figure:
    """Draw a figure, on its own or in the place of `ax`, with its texts as they were written.

    A "$" in somebody's name is no formula; the texts that the owner of `ax` has put into the figure stay as they are.
    """
    if ax is None:
        return draw(None)
    from matplotlib.text import Text  # slow to import

    from sim.picture import as_written

    host = ax.get_figure(root=True)
    assert host is not None
    theirs = set(host.findobj(Text)) - set(ax.findobj(Text))
    figure = draw(ax)
    as_written(figure, theirs)
    return figure


class Result(ABC):
    """Base of every result.

    Attributes
    ----------
    notes : tuple of Message
        What a reader must know before trusting the numbers; empty where there is nothing to warn of.
    """

    notes: Sequence[Message] = ()

    @abstractmethod
    def sentences(self) -> Sequence[str]:
        """Say what the result says in a few sentences, in the session's language; cautions are added."""

    @abstractmethod
    def table(self) -> pd.DataFrame:
        """Return the estimates, one per row; columns are the field's terms, values as they were computed."""

    @abstractmethod
    def draw(self, ax: Axes | None) -> Figure:
        """Draw the main figure, in the session's language: on its own, or in the place of `ax`."""

    def to_frame(self) -> pd.DataFrame:
        """Return the data behind the table, one observation per row; the table itself where there are none."""
        return self.table()

    def summary(self, *, lang: str | None = None) -> Summary:
        """Return a few sentences and a table.

        Parameters
        ----------
        lang : {"id", "en"}, optional
            The session's language by default (:func:`sim.language.set_language`).
        """
        from sim.errors import _

        with speaking(lang):
            cautions = [str(_("Note: {note}", note=note)) for note in self.notes]
            return Summary([*self.sentences(), *cautions], self.table())

    def plot(self, *, lang: str | None = None, ax: Axes | None = None) -> Figure:
        """Draw the main figure; a notebook shows it without further commands.

        Parameters
        ----------
        lang : {"id", "en"}, optional
            The session's language by default.
        ax : Axes, optional
            Axes of a figure of one's own that make room for it.

        Returns
        -------
        Figure
            Its own, or the figure of `ax`.
        """
        with speaking(lang):
            return placed(self.draw, ax)

    def save(self, folder: str | Path) -> Path:
        """Write the table (CSV) and the summaries in both languages (text) into `folder`, which is made.

        They are for readers: the data that a model was fitted to, which may be about persons, are not written, so
        that nothing reads the result back; fit the model again. Results of studies write all that they hold, and
        :func:`sim.load_result` reads it back.
        """
        from sim.paths import write_whole

        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / TABLE, self.table().to_csv(index=False))
        for lang in ("id", "en"):
            write_whole(folder / f"summary.{lang}.txt", self.summary(lang=lang) + "\n")
        return folder

    def __repr__(self) -> str:
        return str(self.summary())

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()
