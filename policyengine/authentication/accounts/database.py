"""What the files of a root say about accounts, each file read once."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from policyengine.authentication.accounts import groups, listed, login_defs, useradd, users
from policyengine.authentication.accounts.lines import Table, table
from policyengine.authentication.accounts.passwords import covered
from policyengine.authentication.resolving import text
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from policyengine.authentication.files import Root
    from policyengine.authentication.resolving import Text

PASSWD, SHADOW, GROUP, GSHADOW = "/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow"
LOGIN_DEFS, USERADD = "/etc/login.defs", "/etc/default/useradd"
SHELLS, SECURETTY = "/etc/shells", "/etc/securetty"
TABLES = (PASSWD, SHADOW, GROUP, GSHADOW)
FILES = (*TABLES, LOGIN_DEFS, USERADD, SHELLS, SECURETTY)

Parsed = TypeVar("Parsed")
Settings = tuple[login_defs.Setting, ...]
Names = tuple[listed.Named, ...]


class Database(Struct, frozen=True):
    """The files of accounts of a root. None stands for a file that is not there, Unknown for one that cannot be read.

    ``texts`` are those of the files by what a report calls them, without the hashes of passwords.
    """

    passwd: Table | Unknown | None
    shadow: Table | Unknown | None
    group: Table | Unknown | None
    gshadow: Table | Unknown | None
    login_defs: Settings | Unknown | None
    useradd: Settings | Unknown | None
    shells: Names | Unknown | None
    securetty: Names | Unknown | None
    texts: dict[str, str]

    @property
    def is_empty(self) -> bool:
        """Whether a root has none of the files that make accounts."""
        return self.passwd is None and self.shadow is None and self.group is None and self.login_defs is None


def read(root: Root) -> Database:
    """The files of a root. What else lists accounts, such as LDAP, is not looked at."""
    found = {path: text(root, path) for path in FILES}
    texts = {
        one.where: covered(one.text) if path in TABLES else one.text
        for path, one in found.items()
        if one is not None and not isinstance(one, Unknown)
    }
    return Database(
        passwd=_parsed(found[PASSWD], lambda one: table(one, users.user)),
        shadow=_parsed(found[SHADOW], lambda one: table(one, users.shadow)),
        group=_parsed(found[GROUP], lambda one: table(one, groups.group)),
        gshadow=_parsed(found[GSHADOW], lambda one: table(one, groups.gshadow)),
        login_defs=_parsed(found[LOGIN_DEFS], login_defs.settings),
        useradd=_parsed(found[USERADD], useradd.settings),
        shells=_parsed(found[SHELLS], listed.shells),
        securetty=_parsed(found[SECURETTY], listed.terminals),
        texts=texts,
    )


def _parsed(found: Text | Unknown | None, parse: Callable[[Text], Parsed]) -> Parsed | Unknown | None:
    return found if found is None or isinstance(found, Unknown) else parse(found)
