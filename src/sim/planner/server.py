"""Serve the planner's page: on this machine alone, to whoever has the token."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable
from pathlib import Path

from sim.errors import KinerjaError, _, system_reason

NOTEBOOK = Path(__file__).with_name("planner.ipynb")
LOOPBACK = "127.0.0.1"

ONLY_HERE = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; connect-src 'self' ws://127.0.0.1:*"
)
"""Content security policy: the page talks to this machine and to nobody else."""

NEXT_ONE = 3.0
"""Seconds after a page was opened until one is made ready for the next visitor: the first has the machine meanwhile."""


def serve(
    agency: str, *, lang: str, port: int = 0, browser: bool = True, tell: Callable[[str], None] = print
) -> None:
    """Serve the page until interrupted.

    Parameters
    ----------
    agency : str
        Name or path of the agency to begin with.
    lang : {"id", "en"}
    port : int
        0 takes a free one.
    browser : bool
        Open the page in the user's browser.
    tell : callable
        Gets the address with its token, which is new each time.

    Raises
    ------
    KinerjaError
        Where voila is not installed, or the port is taken.
    """
    try:
        from voila.app import Voila
    except ImportError as error:
        raise KinerjaError(
            _("the planner needs voila and ipywidgets: pip install 'kinerja-lab[lab]'.")
        ) from error
    from traitlets.config import Config

    from sim.agency import agencies
    from sim.planner.plans import AGENCY, LANGUAGE

    # the page runs in another folder
    os.environ[AGENCY] = agency if agency in set(agencies()["name"]) else str(Path(agency).resolve())
    os.environ[LANGUAGE] = lang
    port, token = _free(port), secrets.token_urlsafe(24)
    tell(f"http://{LOOPBACK}:{port}/?token={token}")
    options = {
        "ip": LOOPBACK,
        "port": port,
        "token": token,
        "open_browser": browser,
        "port_retries": 0,
        "notebook_path": str(NOTEBOOK),
        "log_level": "ERROR",
        # A page is made ready before it is asked for: start, imports and the first look take several seconds. Not where
        # a browser opens it at once: what is made ready then is in the way of its own visitor (16 s against 11).
        "config": Config(
            VoilaConfiguration={"preheat_kernel": not browser},
            VoilaKernelManager={"fill_delay": NEXT_ONE},
            # sockets that only this user can open, where the system has them
            KernelManager={"transport": "ipc" if os.name == "posix" else "tcp"},
        ),
        "tornado_settings": {
            "headers": {"Content-Security-Policy": ONLY_HERE},
            "ws_ping_timeout": 30_000,  # milliseconds; not more than between two pings, or the terminal is told so
            # a page tells that it closes without an XSRF field: refused, it would leave its processes behind. Nothing
            # else is posted here, the token is still asked for, and a page is named by its secret number.
            "disable_check_xsrf": True,
        },
    }
    Voila.launch_instance(argv=[], **options)


def _free(port: int) -> int:
    """The port, if it can be had; a free one for 0."""
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise KinerjaError(
                _(
                    "--port {port}: cannot be used ({strerror}); choose another.",
                    port=port,
                    strerror=system_reason(error),
                )
            ) from error
        return int(probe.getsockname()[1])
