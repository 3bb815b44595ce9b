"""A finished run as bytes and back: a line that says what it is and vouches for the rest, then the columns.

A general format would do, but a run is kept in a millisecond or two this way, 72 columns and all. Numbers come back bit
by bit. There is nothing in it that could be executed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from sim.runs.identity import digest
from sim.runs.run import RunTables as Unpacked

if TYPE_CHECKING:
    from sim.runs.job import RunTables

FORMAT = 1
TABLES = ("outcomes", "summary", "costs")
CODEC = "zstd"
KINDS = {"f": "<f4", "i": "<i8", "u": "<i8", "b": "|b1"}
"""Kind of a column of numbers -> how it is kept; float64, the most by far, goes in one block."""


class NotARun(Exception):
    """Bytes that are not the run they should be."""


def pack(key: str, tables: RunTables) -> bytes:
    """Return a run as bytes.

    Parameters
    ----------
    key : str
        Name of the run, which :func:`unpack` needs.
    tables : RunTables
        Columns of numbers, booleans or text; text may be missing (None).

    Raises
    ------
    TypeError
        For a column of anything else.
    """
    header, blocks = {}, []
    for name in TABLES:
        frame: pd.DataFrame = getattr(tables, name)
        is_float = (frame.dtypes == np.float64).to_numpy()
        blocks.append(np.ascontiguousarray(frame.loc[:, is_float].to_numpy("<f8").T).tobytes())
        others: dict[Any, Any] = {}
        for column, values in frame.loc[:, ~is_float].items():
            if isinstance(values.dtype, np.dtype) and values.dtype.kind in KINDS:
                others[column] = KINDS[values.dtype.kind]
                blocks.append(values.to_numpy(others[column]).tobytes())
                continue
            others[column] = [x if isinstance(x, str) else None for x in values]
            if values.notna().sum() != sum(x is not None for x in others[column]):
                raise TypeError(f"{name}, column {column!r}: neither numbers nor text")
        floats = [column for column in frame if column not in others]
        header[name] = {"rows": len(frame), "columns": list(frame), "floats": floats, "others": others}
    body = json.dumps(header).encode("utf-8") + b"\n" + b"".join(blocks)
    packed = pa.compress(body, codec=CODEC, asbytes=True)
    head = {"kinerja_run": FORMAT, "key": key, "size": len(body), "digest": _digest(len(body), packed)}
    return json.dumps(head).encode("ascii") + b"\n" + packed


def unpack(content: bytes, key: str) -> RunTables:
    """Return the run that :func:`pack` made into bytes.

    Raises
    ------
    NotARun
        Where the bytes are truncated, edited, or those of another run.
    """
    line, _, packed = content.partition(b"\n")
    try:
        head = json.loads(line)
        if (head["kinerja_run"], head["key"]) != (FORMAT, key):
            raise NotARun(key)
        if head["digest"] != _digest(head["size"], packed):
            raise NotARun(key)
        body = pa.decompress(packed, decompressed_size=head["size"], codec=CODEC, asbytes=True)
        first, _, blocks = body.partition(b"\n")
        header = json.loads(first)
    except (ValueError, KeyError, TypeError) as error:
        raise NotARun(key) from error
    frames, at = {}, 0
    for name in TABLES:
        rows, floats, others = (header[name][part] for part in ("rows", "floats", "others"))
        matrix = np.frombuffer(blocks, "<f8", rows * len(floats), at).reshape(len(floats), rows).copy()
        at += matrix.nbytes
        columns = dict(zip(floats, matrix, strict=True))
        for column, kind in others.items():
            columns[column] = kind
            if isinstance(kind, str):
                columns[column] = np.frombuffer(blocks, kind, rows, at).copy()
                at += columns[column].nbytes
        ordered = {column: columns[column] for column in header[name]["columns"]}
        frames[name] = pd.DataFrame(ordered, index=pd.RangeIndex(rows))
    return Unpacked(**frames)


def _digest(size: int, packed: bytes) -> str:
    return digest(b"%d\n" % size + packed, 16)
