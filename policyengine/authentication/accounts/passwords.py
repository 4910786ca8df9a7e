"""What the password field of passwd, shadow, group or gshadow says, without the hash itself: crypt(5), shadow(5)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

State = Literal["empty", "locked", "set", "invalid", "missing"]

METHODS: Mapping[str, str] = {
    "$y$": "yescrypt",
    "$gy$": "gost-yescrypt",
    "$7$": "scrypt",
    "$2a$": "bcrypt",
    "$2b$": "bcrypt",
    "$2x$": "bcrypt",
    "$2y$": "bcrypt",
    "$6$": "sha512",
    "$5$": "sha256",
    "$sha1": "sha1",
    "$md5": "sunmd5",
    "$1$": "md5",
    "$3$": "nt",
}
"""What hashes begin with, and what made them."""

BSDI, DES = "bsdi", "des"
ALL = (*dict.fromkeys(METHODS.values()), BSDI, DES)

_BSDI = re.compile(r"_[./0-9A-Za-z]{19}").fullmatch
_DES = re.compile(r"[./0-9A-Za-z]{13,178}").fullmatch


class Password(Struct, frozen=True):
    """How an account is closed or opened.

    ``empty``: nothing is asked. ``locked``: the field begins with ! or *, so that no password will do. ``set``: a hash.
    ``invalid``: what is neither: no password will do, though nobody locked the account. ``missing``: passwd says that
    shadow has it, which has not. ``method`` made the hash, also one behind a lock; None where there is none.
    """

    state: State
    method: str | None = None


def password(field: str) -> Password:
    """What a field says."""
    if not field:
        return Password("empty")
    method = _method(field.lstrip("!"))
    if field.startswith(("!", "*")):
        return Password("locked", method)
    return Password("invalid" if method is None else "set", method)


def _method(field: str) -> str | None:
    for prefix, method in METHODS.items():
        if field.startswith(prefix):
            return method
    if _BSDI(field):
        return BSDI
    return DES if _DES(field) else None


def is_shadowed(name: str, field: str) -> bool:
    """Whether passwd says that shadow has the password: an x, or ## and the name (pam_unix(8), passverify.c)."""
    return field in ("x", f"##{name}")


def covered(text: str) -> str:
    """A file's text without its hashes, each character of one a *, so that columns stay."""
    return "\n".join(":".join(_covered(*part) for part in enumerate(line.split(":"))) for line in text.split("\n"))


def _covered(number: int, part: str) -> str:
    """A field: that of the password where it is one, and, of lines that are none, what has the form of a hash."""
    is_hash = number == 1 and part != "x" and part.strip("!*")
    return "*" * len(part) if is_hash or "$" in part else part
