"""Results on disk: a folder of parquet tables, the agency, and a manifest that vouches for them.

A folder appears whole or not at all: it is written beside its place under another name and then renamed. The
same tables are the same bytes (fixed schema, order, row groups and compression; one set of package versions).
Nothing is pickled, and no code is read back.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import json
import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.agency.spec import TABLES, Agency
from sim.errors import KinerjaError, _, system_reason
from sim.paths import beside
from sim.runs.identity import digest

_REPEAT = _("run the study again.")
FORMAT = 1
"""Of the folder; a reader refuses one it does not know."""

MANIFEST = "manifest.json"
AGENCY = "agency"
ROW_GROUP = 65_536
STALE = 3600.0
"""Seconds after which a folder that was being written is taken for that of a process that was killed."""


class DamagedResult(KinerjaError):
    """A saved result that is not what was written, with the file that is wrong."""


def write_result(
    folder: str | Path,
    *,
    tables: Mapping[str, pd.DataFrame],
    documents: Mapping[str, Any],
    manifest: Mapping[str, Any],
) -> Path:
    """Write a result of any kind into `folder`, replacing an earlier result there as a whole.

    Parameters
    ----------
    folder : path
        Made, with the folders above it.
    tables : mapping of str to DataFrame
        Each becomes ``<name>.parquet``: numbers, text, booleans and categories, in the order given. Without an
        index of its own: what identifies rows is a column.
    documents : mapping of str to plain data
        Each becomes ``<name>.json``; what JSON has.
    manifest : mapping
        What was run, how, where and with what: plain data. ``format``, ``files``, ``categories`` and ``digest``
        are added.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    KinerjaError
        Where `folder` holds something that is not a result, or cannot be written.

    Examples
    --------
    ::

        write_result("results/x", tables={"steps": frame}, documents={}, manifest={"id": "x", "kind": "search"})
        tables, documents, manifest = read_result("results/x")
    """
    folder = Path(folder)
    if all(_holds_other_files(folder) for __ in range(3)):  # once may be while another process replaces it
        raise KinerjaError(
            _("{folder}: holds other files; choose a new folder for the result.", folder=folder)
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        new = beside(folder)
        new.mkdir()
        try:
            _write(new, tables, documents, manifest)
            _take_place(new, folder)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
    except OSError as error:
        raise KinerjaError(
            _(
                "{folder}: the result cannot be written ({strerror}); free some space or choose "
                "another folder with --out.",
                folder=folder,
                strerror=system_reason(error),
            )
        ) from error
    return folder


def _holds_other_files(folder: Path) -> bool:
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return False
    except NotADirectoryError:
        return folder.exists()  # a file; or one stands where a folder above should be
    return bool(names) and MANIFEST not in names


def _write(
    folder: Path,
    tables: Mapping[str, pd.DataFrame],
    documents: Mapping[str, Any],
    manifest: Mapping[str, Any],
) -> None:
    files: dict[str, Any] = {}
    categories: dict[str, dict[str, list[str]]] = {}
    for name, frame in tables.items():
        path = folder / f"{name}.parquet"
        plain, categories[name] = _plain_table(name, frame)
        pq.write_table(plain, path, row_group_size=ROW_GROUP, compression="zstd")
        files[path.name] = {"rows": len(frame), "digest": _digest(path)}
    for name, document in documents.items():
        path = folder / f"{name}.json"
        _write_json(path, document)
        files[path.name] = {"digest": _digest(path)}
    own = ("digest", "not_restored")  # written anew, or said by a reader
    vouched = {key: value for key, value in manifest.items() if key not in own}
    vouched |= {"format": FORMAT, "files": files, "categories": categories}
    _write_json(folder / MANIFEST, {**vouched, "digest": _own_digest(vouched)})
    for name in (*files, MANIFEST):  # on the disk before the folder is in its place, should the power fail
        with open(folder / name, "r+b") as file:
            os.fsync(file.fileno())


def _plain_table(name: str, frame: pd.DataFrame) -> tuple[pa.Table, dict[str, list[str]]]:
    """A table anyone can read (categories as text), and the categories of its columns in their order."""
    if not isinstance(frame.index, pd.RangeIndex):
        raise ValueError(f"table {name}: its index would be lost; make it a column with reset_index()")
    columns, categories = {}, {}
    for column, values in frame.items():
        if isinstance(values.dtype, pd.CategoricalDtype):
            categories[str(column)] = list(values.cat.categories)
        text = str(column) in categories or pd.api.types.is_string_dtype(values.dtype)
        columns[str(column)] = (
            pa.array(values.astype(object), pa.string(), from_pandas=True)
            if text
            else pa.array(values.to_numpy())
        )
    return pa.table(columns), categories


def _take_place(new: Path, folder: Path) -> None:
    """Put `new` where `folder` is; the old one is removed only once the new one is there."""
    aside: list[Path] = []
    for __ in range(10):  # more than twice only where another process puts its own there at the same moment
        try:
            new.rename(folder)
        except OSError as error:
            # what was in the way may be gone by now
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST) and not folder.exists():
                if aside:
                    with contextlib.suppress(FileNotFoundError):
                        aside.pop().rename(folder)
                raise
            aside.append(beside(folder))
            with contextlib.suppress(FileNotFoundError):
                folder.rename(aside[-1])
        else:
            for old in aside:
                shutil.rmtree(old, ignore_errors=True)
            return
    raise OSError("another process replaces it again and again")


def _sweep(folder: Path) -> None:
    """Remove what processes that were killed while they wrote this result have left beside it."""
    long_ago = time.time() - STALE
    for left in folder.parent.glob(f".{folder.name}-" + "[0-9a-f]" * 8):
        with contextlib.suppress(OSError):
            if left.is_dir() and left.stat().st_mtime < long_ago:
                shutil.rmtree(left, ignore_errors=True)


def read_result(folder: str | Path) -> tuple[dict[str, pd.DataFrame], dict[str, Any], dict[str, Any]]:
    """Read what :func:`write_result` wrote and make sure that it is what was written.

    Returns
    -------
    tables : dict of str to DataFrame
    documents : dict of str to plain data
    manifest : dict

    Raises
    ------
    DamagedResult
        With the file that is missing, truncated or edited.
    """
    folder = Path(folder)
    manifest = _read_manifest(folder)
    tables: dict[str, pd.DataFrame] = {}
    documents: dict[str, Any] = {}
    for name, entry in manifest["files"].items():
        path = folder / name
        if not path.is_file():
            raise DamagedResult(_("{path}: the file is missing; {repeat}", path=path, repeat=_REPEAT))
        if _digest(path) != entry["digest"]:
            raise DamagedResult(
                _(
                    "{path}: not the file that was written (truncated or edited); {repeat}",
                    path=path,
                    repeat=_REPEAT,
                )
            )
        if path.suffix == ".json":
            documents[path.stem] = json.loads(path.read_text(encoding="utf-8"))
            continue
        frame = pq.read_table(path).to_pandas()
        for column, known in manifest["categories"][path.stem].items():
            frame[column] = pd.Categorical(frame[column], categories=known, ordered=False)
        tables[path.stem] = frame
    return tables, documents, manifest


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.is_file():
        what = _("there is no {manifest}, so this is no saved result", manifest=MANIFEST)
        raise DamagedResult(_("{folder}: {what}; give a folder results/<id>.", folder=folder, what=what))
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        intact = manifest.pop("digest") == _own_digest(manifest)
    except (ValueError, KeyError, AttributeError, TypeError):
        intact = False
    if not intact:
        raise DamagedResult(
            _(
                "{path}: not the manifest that was written (truncated or edited); {repeat}",
                path=path,
                repeat=_REPEAT,
            )
        )
    if manifest["format"] != FORMAT:
        raise DamagedResult(
            _(
                "{path}: format {format} is not one this version reads; {repeat}",
                path=path,
                format=manifest["format"],
                repeat=_REPEAT,
            )
        )
    return manifest


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")


def _digest(path: Path) -> str:
    return digest(path.read_bytes(), 16)


def _own_digest(manifest: Mapping[str, Any]) -> str:
    return digest(json.dumps(manifest, sort_keys=True).encode("utf-8"), 16)


def agency_from(plain: Mapping[str, Any]) -> Agency:
    """An agency from the document of a result."""
    values = dict(plain)
    for field in dataclasses.fields(Agency):
        table = "agency" if field.name == "facts" else field.name
        if table in TABLES and field.name in plain:  # one that may be left out is not in older results
            values[field.name] = tuple(TABLES[table](**row) for row in plain[field.name])
    return Agency(**values)
