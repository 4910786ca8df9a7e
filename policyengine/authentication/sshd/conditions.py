"""``Match``: for whom the lines that follow it count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.sshd import patterns, values
from policyengine.authentication.sshd.line import BadError, FatalError
from policyengine.authentication.sshd.words import delimited, lower

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from policyengine.authentication.sshd.identity import Identity
    from policyengine.authentication.sshd.line import Line


class Condition(Struct, frozen=True):
    """Whether a Match line holds, and what is left of it, which is refused unless it is empty."""

    holds: bool
    left: str


def judged(line: Line, identity: Identity | None, in_groups: Callable[[str], bool]) -> Condition:
    """Whether a Match line holds for a connection; for None only its form is looked at, and only ``all`` holds.

    Raises :class:`FatalError` for what is malformed.
    """
    try:
        return _judged(line, identity, in_groups)
    except BadError as wrong:
        raise FatalError(f"Bad Match condition: {wrong}") from None


def may_hold_for(line: Line, user: str, groups: tuple[str, ...] | None) -> bool:
    """Whether a Match line, which is well-formed, can hold for a user: its criteria on users and groups do.

    ``groups`` are those that the user is in; where they are not known, any may be.
    """
    for name, argument in criteria(line.rest):
        if name == "user" and patterns.in_list(user, argument) != 1:
            return False
        if name == "group" and groups is not None and not patterns.group_matches(groups, argument):
            return False
    return True


def criteria(text: str) -> Iterator[tuple[str, str]]:
    """The criteria of what follows ``Match``, which is well-formed: their names in small letters, their arguments."""
    rest: str | None = text
    while rest and not rest.startswith("#"):
        attribute, rest = delimited(rest)
        argument, rest = delimited(rest or "")
        yield lower(attribute or ""), argument or ""


def _judged(line: Line, identity: Identity | None, in_groups: Callable[[str], bool]) -> Condition:
    holds, criteria, rest = True, 0, line.rest or None
    while rest is not None:
        attribute, rest = delimited(rest)
        if not attribute:
            break
        if attribute.startswith("#"):
            rest = None
            break
        criteria += 1
        argument, rest = delimited(rest) if rest is not None else (None, None)
        missing = not argument or argument.startswith("#")
        if lower(attribute) == "all":
            if criteria > 1 or not missing:
                raise BadError("'all' cannot be combined with other Match attributes")
            return Condition(True, "" if argument else rest or "")
        if argument is None or missing:
            raise BadError(f"Missing Match criteria for {attribute}")
        holds = _holds(attribute, argument, line, identity, in_groups) and holds
    if not criteria:
        raise BadError("One or more attributes required for Match")
    return Condition(holds, rest or "")


def _holds(
    attribute: str, argument: str, line: Line, identity: Identity | None, in_groups: Callable[[str], bool]
) -> bool:
    """Whether one criterion holds."""
    name = lower(attribute)
    if name in ("address", "localaddress"):
        address = None if identity is None else identity.addr if name == "address" else identity.laddr
        return _address(attribute, argument, address)
    if name == "localport":
        port = values.port_number(argument, line)
        if port is None:
            raise BadError(f"Invalid LocalPort '{argument}' on Match line")
        return identity is not None and identity.lport == port
    if name not in _TEXTS:
        raise BadError(f"Unsupported Match attribute {attribute}")
    return identity is not None and _TEXTS[name](identity, argument, in_groups)


def _address(attribute: str, argument: str, address: str | None) -> bool:
    if address is None:
        if not patterns.address_list_is_valid(argument):
            raise FatalError(f"Invalid Match {lower(attribute)} argument '{argument}'")
        return False
    outcome = patterns.address_in_list(address, argument)
    if outcome is None:
        raise BadError(f"Invalid Match {lower(attribute)} argument '{argument}'")
    return outcome == 1


def _user(identity: Identity, argument: str, _in_groups: Callable[[str], bool]) -> bool:
    return identity.user is not None and patterns.in_list(identity.user, argument) == 1


def _group(identity: Identity, argument: str, in_groups: Callable[[str], bool]) -> bool:
    return identity.user is not None and in_groups(argument)


def _host(identity: Identity, argument: str, _in_groups: Callable[[str], bool]) -> bool:
    return identity.host is not None and patterns.in_list(lower(identity.host), argument, small=True) == 1


def _rdomain(identity: Identity, argument: str, _in_groups: Callable[[str], bool]) -> bool:
    return identity.rdomain is not None and patterns.in_list(identity.rdomain, argument) == 1


_TEXTS = {"user": _user, "group": _group, "host": _host, "rdomain": _rdomain}
