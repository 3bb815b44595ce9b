"""The cache of the compiled desk, and the decorators that compile it.

Numba detects edits of the file that defines a cached function, not of the files it imports. So all compiled code of
the desk is in one file, and the cache folder is named after that file's content: an edited kernel never uses an old
cache, and two checkouts with the same kernel share one.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import warnings
from collections.abc import Callable
from multiprocessing import parent_process
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable)

# without reference counting of arrays (`_nrt`): the kernel allocates none, and counting took a third of its time
OPTIONS: dict[str, Any] = {"error_model": "numpy", "_nrt": False}
config: Any = numba.config


def cache_root() -> Path:
    """Return the user's cache folder: ``NUMBA_CACHE_DIR`` if set, else the platform's.

    No shared temporary folder is used: compiled code in it could be anyone's.
    """
    named = (
        os.environ.get("NUMBA_CACHE_DIR")
        or os.environ.get("XDG_CACHE_HOME")
        or os.environ.get("LOCALAPPDATA")
    )
    return Path(named) if named else Path.home() / ".cache"


def cache_folder(source: Path, root: Path | None = None) -> Path | None:
    """Return the folder for the compiled code of one file, made if necessary.

    Parameters
    ----------
    source : Path
        The file with the compiled code.
    root : Path, optional
        Parent of cache folders; the user's cache folder by default.

    Returns
    -------
    Path or None
        None, with a warning, where nothing can be written.
    """
    digest = hashlib.sha256(source.read_bytes()).hexdigest()[:16]
    folder: Path | str = "the user's cache folder"
    try:
        folder = (root or cache_root()) / "kinerja-lab" / digest
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except (OSError, RuntimeError) as error:  # RuntimeError: there is no home folder
        if parent_process() is None:  # workers do not repeat the warning of their parent
            warnings.warn(
                f"{folder} cannot be written ({error}), so every new process compiles the service desk again "
                "(some seconds each). Set NUMBA_CACHE_DIR to a folder you can write to.",
                RuntimeWarning,
                stacklevel=2,
            )
        return None


def compiled(function: Function) -> Function:
    """Compile a helper that only compiled code calls; its machine code is stored with the entry that uses it."""
    options = OPTIONS | {"forceinline": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return cast(Function, numba.njit(**options)(function))


def entry(function: Function) -> Function:
    """Compile a function that Python calls, and store it in the cache folder of its file."""
    if config.DISABLE_JIT:
        return function
    folder = cache_folder(Path(function.__code__.co_filename))
    before = config.CACHE_DIR
    try:
        config.CACHE_DIR = str(folder or "")
        return cast(Function, numba.njit(**OPTIONS, cache=folder is not None)(function))
    finally:
        config.CACHE_DIR = before  # the user's own numba functions keep their folder
