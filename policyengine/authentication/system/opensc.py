"""Which smart cards are accepted: opensc.conf(5), whose blocks are those of OpenSC's scconf."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.resolving import Text, glob, text
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.authentication.files import Root

PATHS = ("/etc/opensc.conf", "/etc/opensc-*.conf", "/etc/opensc/opensc.conf")
APPLICATION = ["app", "default"]
_TOKEN = re.compile(
    r"#[^\n]*|\"(?P<quoted>(?:[^\"\\]|\\.)*)(?:\"|\\?\Z)|(?P<sign>[{}=,;])|(?P<word>[^\s{}=,;#\"]+)", re.DOTALL
)
"""A quotation that does not end goes to the end of the file."""


class Cards(Struct, frozen=True):
    """``drivers`` are those that are tried; ``forced`` is the one that is taken for all cards. None: not said."""

    path: str
    drivers: tuple[str, ...] | None
    forced: str | None


def cards(root: Root) -> Cards | Unknown | None:
    """What the first of the files says for all applications; None where there is none."""
    for pattern in PATHS:
        paths = glob(root, pattern)
        if isinstance(paths, Unknown):
            return paths
        for path in paths:
            found = text(root, path)
            if found is not None:
                return found if isinstance(found, Unknown) else _cards(found)
    return None


def _cards(file: Text) -> Cards:
    values = dict(settings(file.text, APPLICATION))
    forced = values.get("force_card_driver")
    return Cards(file.path, values.get("card_drivers"), forced[0] if forced else None)


def settings(written: str, block: list[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What is set in blocks of a name, and not in one inside: ``key = value, value;``."""
    path: list[list[str]] = []
    statement: list[str] = []
    for token in _TOKEN.finditer(written):
        sign = token["sign"]
        if token[0].startswith("#"):
            continue
        if sign == "{":
            path.append(statement)
            statement = []
        elif sign in ("}", ";"):
            if path == [block] and len(statement) > 1 and statement[1] == "=":
                yield statement[0], tuple(word for word in statement[2:] if word != ",")
            path = path[: len(path) - (sign == "}")]
            statement = []
        else:
            statement.append(token["quoted"] if token["quoted"] is not None else token[0])
