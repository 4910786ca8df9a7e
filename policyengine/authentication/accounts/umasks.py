"""The umasks that the start-up files of a home set."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication import resolving
from policyengine.documents.shell import parse
from policyengine.model.location import Location
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policyengine.authentication.accounts.homes import Found
    from policyengine.authentication.files import Root
    from policyengine.authentication.resolving import Text

START_UP = frozenset(
    {
        *(".profile", ".login", ".logout", ".environment"),
        *(".bash_profile", ".bash_login", ".bashrc", ".bash_aliases", ".bash_logout", ".inputrc"),
        *(".kshrc", ".mkshrc", ".shrc", ".ashrc", ".dashrc"),
        *(".zshenv", ".zprofile", ".zshrc", ".zlogin", ".zlogout"),
        *(".cshrc", ".tcshrc", ".login_conf", ".xprofile", ".xsession", ".xsessionrc", ".xinitrc"),
    }
)
"""Files of a home that shells and sessions run: bash(1), dash(1), ksh(1), zsh(1), csh(1), Xsession(5)."""

_OCTAL = re.compile(r"0*([0-7]{1,3})").fullmatch


class Umask(Struct, frozen=True):
    """A command that sets a umask: the file, from the home; the mask in three octal digits, or Unknown."""

    file: str
    mask: str | Unknown
    where: Location


def umasks(root: Root, found: Iterable[Found]) -> Iterator[Umask | Unknown]:
    """The umasks that files of a home set; Unknown for a file that cannot be read."""
    for one in found:
        if one.path not in START_UP or one.entry.kind == "directory":
            continue
        text = resolving.text(root, one.at)
        if isinstance(text, Unknown):
            yield text
        elif text is not None and "umask" in text.text:
            yield from _set(one.path, text)


def _set(file: str, text: Text) -> Iterator[Umask | Unknown]:
    script = parse(text.text)
    if script.error is not None:
        yield Unknown("umask", f"{text.where} is not understood as a shell's script")
    for command in script.commands:
        words = [word for word in command.words[1:] if not word.text.startswith("-")]
        if command.words and command.words[0].text == "umask" and words:
            line = text.text.count("\n", 0, command.start) + 1
            column = command.start - (text.text.rfind("\n", 0, command.start) + 1) + 1
            where = Location(text.where, line, column, line, column + command.end - command.start)
            yield Umask(file, _mask(words[0].text, known=words[0].known), where)


def _mask(word: str, *, known: bool) -> str | Unknown:
    """The mask that a word stands for: octal, or, as POSIX has it, the rights that are left (u=rwx,g=rx,o=)."""
    if known and (octal := _OCTAL(word)) is not None:
        return octal[1].zfill(3)
    left = _symbolic(word) if known else None
    return Unknown("umask", f"umask {word} hangs on what was set before") if left is None else left


_CLAUSE = re.compile(r"([ugoa]*)=([rwxX]*)").fullmatch
_SHIFTS = {"u": (6,), "g": (3,), "o": (0,), "a": (6, 3, 0)}
_RIGHTS = {"r": 4, "w": 2, "x": 1, "X": 1}


def _symbolic(word: str) -> str | None:
    rights: dict[int, int] = {}
    for clause in word.split(","):
        if (read := _CLAUSE(clause)) is None:
            return None
        given = sum({_RIGHTS[right] for right in read[2]})
        rights |= {shift: given for who in read[1] or "a" for shift in _SHIFTS[who]}
    if len(rights) < len(_SHIFTS["a"]):
        return None
    return f"{0o777 & ~sum(given << shift for shift, given in rights.items()):03o}"
