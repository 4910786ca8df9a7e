"""Names of ciphers, MACs, key exchanges and signatures: what is a valid list, and what it comes to."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from msgspec import Struct

from policyengine.authentication.sshd.patterns import in_list
from policyengine.authentication.sshd.words import lower

Of = Literal["cipher", "mac", "kex", "key", "signature"]


class Algorithms(Struct, frozen=True):
    """Algorithms of one kind: all that a version knows, in its order, and those that it offers by default."""

    every: tuple[str, ...]
    default: tuple[str, ...]
    more: tuple[str, ...] = ()
    """Names that are accepted in a list though they come to nothing in it."""


def are_valid(names: str, known: Algorithms, of: Of) -> bool:
    """Whether sshd accepts a list. What is removed with ``-`` may be anything.

    Names of keys and signatures may be patterns, and the short names of keys (``RSA``) are accepted as well, though
    they match no algorithm. What follows an empty name is not looked at.
    """
    if names.startswith("-"):
        return True
    listed = (names[1:] if names[:1] in ("+", "^") else names).split(",")
    if listed == [""]:
        return False
    checked = listed[: listed.index("")] if "" in listed else listed
    return all(_is_known(name, known, of) for name in checked)


def _is_known(name: str, known: Algorithms, of: Of) -> bool:
    if name in known.every or (of == "cipher" and name == "none"):
        return of != "cipher" or name != "none"
    if of == "kex":
        return any(name.startswith(prefix) for prefix in known.more)
    if of in ("key", "signature"):
        return lower(name) in known.more or any(in_list(one, name) for one in (*known.every, "null"))
    return False


@lru_cache(512)
def assembled(names: str, known: Algorithms) -> str | None:
    """What a list comes to: ``+`` adds to the default, ``-`` removes from it, ``^`` puts in front of it.

    Patterns become the algorithms that they match. None for what comes to nothing, or has a negated pattern.
    An empty list is the default.
    """
    default = ",".join(known.default)
    if not names:
        return default
    if names.startswith("-"):
        return ",".join(one for one in known.default if in_list(one, names[1:]) != 1)
    sign, listed = (names[0], names[1:]) if names[0] in "+^" else ("", names)
    whole = _joined(default, listed) if sign == "+" else _joined(listed, default) if sign == "^" else listed
    found = ""
    for pattern in whole.split(","):
        if pattern.startswith("!"):
            return None
        found = _joined(found, ",".join(one for one in known.every if in_list(one, pattern) == 1))
    return found or None


def _joined(first: str, second: str) -> str:
    """Two lists, without what the first one has already; what follows an empty name of the second is lost."""
    if not first or not second:
        return first or second
    names = first.split(",")
    known = set(names)
    for name in second.split(","):
        if not name:
            break
        if name not in known:
            names.append(name)
            known.add(name)
    return ",".join(names)
