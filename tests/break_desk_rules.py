"""Break the desk's rules on purpose, one at a time, and see who notices.

    python tests/break_desk_rules.py [--cases 300] [--tests] [WORDS OF A RULE]

Each rule is broken in the text of the kernel. For each the script says in how many of so many random weeks on coarse
and on fine clocks the broken desk differs from the SimPy reference; with ``--tests`` it also runs the tests of
rules and of theory against a broken copy of the package and names those that fail. It exits with 1 if a broken rule
goes unnoticed. `docs/verification.md` holds its results.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

TESTS = Path(__file__).parent
sys.path.insert(0, str(TESTS / "logic"))

from desk_cases import differences, random_week  # noqa: E402

from sim.desk import Desk, kernel  # noqa: E402
from sim.desk.reference import ReferenceDesk  # noqa: E402

SOURCE = Path(kernel.__file__)
GIVE_UP = re.compile(r"        # citizens who give up\n.*?(?=        # dispatch)", re.S)


def dispatch_first(text: str) -> str:
    """Who gives up at a tick does so after dispatch."""
    block = GIVE_UP.findall(text)[0]
    return text.replace(block, "") + "\n" + block


BROKEN = {
    "the officer idle longest is next: the lowest index": (
        "o = v[HEAD]\n            while people[o, best, RATE] == 0.0:\n                o = officer[o, NEXT]\n",
        "o = 0\n            while officer[o, IDLE] == 0 or people[o, best, RATE] == 0.0:\n                o += 1\n",
    ),
    "ties between idle officers go by index: backwards": (
        "officer[after, LAST_END] == officer[o, LAST_END] and after > o",
        "officer[after, LAST_END] == officer[o, LAST_END] and after < o",
    ),
    "overtime counts as ending at closing: when it really ended": (
        "officer[o, LAST_END] = tick\n",
        "officer[o, LAST_END] = tick + jobs[7, n]\n",
    ),
    "who gives up at a tick is not served at it: dispatch comes first": dispatch_first,
    "the lowest class is served first: classes are ignored": (
        "if best >= 0 and queue[q, KLASS] != queue[best, KLASS]:",
        "if best >= 0 and queue[q, KLASS] < 0:",
    ),
    "order is (due, arrival, id): (due, id)": ("    if pool[a, JOINED] != pool[b, JOINED]:", "    if False:"),
    "who is sent home keeps the original arrival: joins anew": (
        "                    pool[row, SENT_HOME] += 1\n",
        "                    pool[row, SENT_HOME] += 1\n                    pool[row, JOINED] = tick\n",
    ),
    "an early leaver who ends a counter job is gone: serves on": (
        "    if officer[o, ON] == 1:\n",
        "    if officer[o, IDLE] == 0:\n",
    ),
    "suspended file work keeps what was done: starts again": (
        "officer[o, REMAINING] = officer[o, FINISH] - tick",
        "officer[o, REMAINING] = officer[o, SERVICE]",
    ),
    "an absent officer's file work is suspended: goes on": (
        "            elif not present and officer[o, FINISH] < NEVER:",
        "            elif not present and officer[o, FINISH] < 0:",
    ),
    "a change of people dispatches at once: at the next event": (
        "if v[PEOPLE_CHANGED] == 1:",
        "if v[PEOPLE_CHANGED] == 2:",
    ),
    "a case is tried so often and no more: once less": (
        "pool[row, ROUND] + 1 < v[ATTEMPTS_ALLOWED]",
        "pool[row, ROUND] + 2 < v[ATTEMPTS_ALLOWED]",
    ),
    "a complaint is due when its last day closes: when it opens": ("CLOCK_DAYS] + 1\n", "CLOCK_DAYS]\n"),
    "nobody complains about a complaint: they may": (
        "if pool[row, ID] >= COMPLAINT_BIT or u_complain >=",
        "if u_complain >=",
    ),
    "the next step is drawn by branch: always the first": (
        "if branch[q, 0, 0] < 1.0:",
        "if branch[q, 0, 0] < 0.0:",
    ),
    "a case is handed on after a delay: at once": ("tick + queue[q, HAND_OFF])", "tick)"),
    "draws belong to a step and round: to a step": (
        "        u = lots[row, U_BRANCH * v[DRAWS] + _lot(v, pool, row, column)]",
        "        u = lots[row, U_BRANCH * v[DRAWS] + _lot(v, pool, row, column - pool[row, ROUND])]",
    ),
    "an error that stays makes the end an error: only the last counts": (
        "pool[row, FLAWED] |= error",
        "pool[row, FLAWED] = error",
    ),
    "only citizens in person give up: all do": (
        "if pool[row, PATIENCE] < NEVER and queue[q, IMPATIENT] == 1:",
        "if pool[row, PATIENCE] < NEVER and queue[q, IMPATIENT] >= 0:",
    ),
    "a case is noticed when its attention was given: a tick late": (
        "(wanted + queue[h, ATTENTION] - 1) // queue[h, ATTENTION]",
        "(wanted + queue[h, ATTENTION]) // queue[h, ATTENTION]",
    ),
    "what nobody serves goes on at once: it queues": (
        "if queue[q, STAFFED] == 1:",
        "if queue[q, STAFFED] >= 0:",
    ),
    "who is never noticed stays: is noticed at once": ("NEVER if needed >= LONGEST else ", ""),
    "who comes late or has a break comes back: stays away": (
        "            present = not present\n",
        "            present = False\n",
    ),
    "a desk open through the night sends nobody home: does": (
        "closing = opening and shut[v[DAY] + 1] == 1",
        "closing = opening",
    ),
}


def broken_text(rule: str) -> str:
    """The kernel with one rule broken."""
    text, change = SOURCE.read_text(encoding="utf-8"), BROKEN[rule]
    if callable(change):
        return change(text)
    old, new = change
    assert text.count(old) == 1, f"{rule}: the text to break was found {text.count(old)} times"
    return text.replace(old, new)


def noticed(rule: str, cases: int, coarse: bool) -> int:
    """In how many random weeks the broken desk, in plain Python, differs from the reference."""
    text = broken_text(rule).replace(
        "from sim.desk.cache import compiled, entry\n", "compiled = entry = lambda f: f\n"
    )
    broken = ModuleType("broken")
    exec(compile(text, "broken", "exec"), broken.__dict__)
    weeks = 0
    with patch.object(kernel, "advance", broken.advance):
        for seed in range(cases):
            try:
                weeks += bool(differences(random_week(seed, coarse), Desk, ReferenceDesk))
            except (IndexError, OverflowError):  # more was logged than can be, or a time is beyond all times
                weeks += 1
    return weeks


def failing_tests(rule: str) -> list[str]:
    """Which tests of rules and of theory fail for a broken copy of the package."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(SOURCE.parents[1], Path(folder) / "sim", ignore=shutil.ignore_patterns("__pycache__"))
        (Path(folder) / "sim" / "desk" / "kernel.py").write_text(broken_text(rule), encoding="utf-8")
        told = subprocess.run(
            [sys.executable, "-m", "pytest", "-n0", "-q", "--tb=no", "-rf", TESTS / "logic" / "test_desk_rules.py",
             TESTS / "theory"],
            env={**os.environ, "PYTHONPATH": folder, "NUMBA_CACHE_DIR": folder},
            capture_output=True, text=True, encoding="utf-8",
        )  # fmt: skip
    crashed = [] if told.returncode in (0, 1) else [f"(the run ended with {told.returncode})"]
    return re.findall(r"^FAILED \S*::(\S+)", told.stdout, re.M) + crashed


def main() -> int:
    parser = argparse.ArgumentParser(description="Break the desk's rules on purpose and see who notices.")
    parser.add_argument("words", nargs="?", default="", help="only rules with these words")
    parser.add_argument("--cases", type=int, default=300, help="random weeks on each kind of clock")
    parser.add_argument("--tests", action="store_true", help="also run the tests of rules and of theory")
    asked = parser.parse_args()
    unnoticed = 0
    for rule in (rule for rule in BROKEN if asked.words in rule):
        coarse, fine = noticed(rule, asked.cases, True), noticed(rule, asked.cases, False)
        unnoticed += coarse + fine == 0
        print(
            f"{rule}\n    weeks that differ: {coarse / asked.cases:.1%} coarse, {fine / asked.cases:.1%} fine",
            flush=True,
        )
        if asked.tests:
            print("    tests that fail:", ", ".join(failing_tests(rule)) or "none", flush=True)
    return int(unnoticed > 0)


if __name__ == "__main__":
    sys.exit(main())
