"""When tmux locks a terminal: tmux(1), OPTIONS; its configuration is read command by command, the last one counts."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.resolving import entry, text
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.authentication.files import Entry, Root

PATH = "/etc/tmux.conf"
MOST_BYTES = 1 << 16
"""What is read of it: shlex takes time by the square of a word."""

_SET = ("set", "set-option", "set-option-global")
_BIND = ("bind", "bind-key")
_LOCK = frozenset(("lock-session", "lock-server", "lock-client", "lock", "lockc", "locks"))
_VALUED = frozenset(["-T", "-N"])


class Locking(Struct, frozen=True):
    """``after`` is in seconds, 0 never; ``command`` is what locks; ``keys`` are bound to locking.

    ``readable``: everybody can read the file, as tmux has to, which runs as the user.
    """

    after: int | None
    command: str | None
    keys: tuple[str, ...]
    readable: bool


def locking(root: Root) -> Locking | Unknown | None:
    """What /etc/tmux.conf says; None where there is none."""
    found, lies = text(root, PATH, MOST_BYTES), entry(root, PATH)
    if isinstance(found, Unknown):
        return found
    if found is None or lies is None or isinstance(lies, Unknown):
        return lies if isinstance(lies, Unknown) else None
    options: dict[str, str] = {}
    keys: list[str] = []
    for words in commands(found.text):
        if words[0] in _SET and len(rest := _operands(words)) > 1:
            options[rest[0]] = " ".join(rest[1:])
        elif words[0] in _BIND and len(rest := _operands(words)) > 1 and rest[1] in _LOCK:
            keys.append(rest[0])
    after = options.get("lock-after-time", "")
    return Locking(int(after) if _is_number(after) else None, options.get("lock-command"), tuple(keys), _open(lies))


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[0-9]{1,9}", text) is not None


def _open(lies: Entry) -> bool:
    return bool(lies.mode & 0o004)


def commands(written: str) -> Iterator[list[str]]:
    """The commands, word by word; a semicolon by itself parts two. A line whose quotes do not end is none."""
    for line in re.sub(r"\\\n", " ", written).split("\n"):
        try:
            words = shlex.split(line, comments=True)
        except ValueError:
            continue
        command: list[str] = []
        for word in (*words, ";"):
            if word != ";":
                command.append(word)
            elif command:
                yield command
                command = []


def _operands(words: list[str]) -> list[str]:
    """The words after the flags; some flags have a value."""
    rest = words[1:]
    while rest and rest[0].startswith("-") and len(rest[0]) > 1:
        rest = rest[2:] if rest[0] in _VALUED else rest[1:]
    return rest
