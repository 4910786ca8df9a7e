"""Random stacks of pam_debug, with includes, substacks, jumps, and lines that are wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.pam.controls import ACTS, RESULTS
from tests.authentication.pam.libpam import DEBUG

if TYPE_CHECKING:
    import random
    from pathlib import Path

    from policyengine.authentication.pam.entries import Task

SERVICE = "service"
INCLUDED = ("one", "two", "three")
TASKS: tuple[Task, ...] = ("auth", "account", "session")
_RETURNED = tuple(result for result in RESULTS if result != "incomplete")
"""Results that end a call: ``incomplete`` asks to be called again."""

_ODD = (
    "",
    "# a comment",
    "auth",
    "auth required",
    "nonsense required pam_debug.so",
    "auth []",
    "auth required \\ # no more of it",
    "auth required pam_debug.so \\# no more of it",
)
_WORDS = ("required", "requisite", "optional", "sufficient", "Required", "SUFFICIENT")


def files(draw: random.Random, directory: Path) -> dict[str, str]:
    """The files of a directory: a service's, those that it includes, and ``other``."""
    names = (SERVICE, "other", *INCLUDED)
    return {name: _file(draw, directory, names.index(name)) for name in names}


def _file(draw: random.Random, directory: Path, at: int) -> str:
    lines = [_line(draw, directory, at) for _ in range(draw.randint(0, 7))]
    return "".join(f"{line}\n" for line in lines)


def _line(draw: random.Random, directory: Path, at: int) -> str:
    kind = draw.random()
    deeper = [name for name in INCLUDED if INCLUDED.index(name) + 2 > at]
    task = draw.choice((*TASKS, "-auth", "AUTH", "Account"))
    if kind < 0.05:
        return draw.choice(_ODD)
    if deeper and kind < 0.3:
        path = directory / draw.choice((*deeper, "missing"))
        how = draw.choice((f"{task} include", f"{task} substack", f"{task} substack", "@include"))
        return f"{how} {path}" if "missing" not in path.name or how != "@include" else f"{task} include {path}"
    return _spaced(draw, task, _control(draw), f"pam_debug.so {_returned(draw)}")


def _spaced(draw: random.Random, *words: str) -> str:
    gap = draw.choice((" ", "\t", "   ", " \\\n  ", " \\ \n# not the end\n\n "))
    comment = draw.choice(("", "", "", " # said", "#said"))
    return f"{draw.choice(('', ' '))}{gap.join(words)}{comment}"


def _returned(draw: random.Random) -> str:
    results = ("success",) * 12 + ("ignore", "auth_err", "new_authtok_reqd") * 3 + _RETURNED
    return " ".join(f"{DEBUG[task]}={draw.choice(results)}" for task in TASKS)


def _control(draw: random.Random) -> str:
    if draw.random() < 0.4:
        return draw.choice(_WORDS)
    results = ("success", "default", "ignore", "auth_err", "new_authtok_reqd", draw.choice(RESULTS))
    pairs = [_pair(draw, result) for result in draw.sample(results, draw.randint(0, 4))]
    return f"[{draw.choice(('', ' '))}{' '.join(pairs)}]"


def _pair(draw: random.Random, result: str) -> str:
    if draw.random() < 0.03:
        return draw.choice(
            ("success", "success=", "nothing=ok", "success=well", "default=0", "success=-1", "ok=success")
        )
    action = draw.choice((*ACTS, "1", "1", "2", "3", "9"))
    return f"{result}{draw.choice(('=', ' = ', '= '))}{action}"
