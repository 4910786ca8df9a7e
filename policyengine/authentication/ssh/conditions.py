"""``Host`` and ``Match`` of ssh_config(5): for which destinations the lines that follow count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.sshd.line import BadError
from policyengine.authentication.sshd.patterns import in_list, matches
from policyengine.authentication.sshd.versions import Version
from policyengine.authentication.sshd.words import delimited, lower

if TYPE_CHECKING:
    from policyengine.authentication.ssh.destination import Destination
    from policyengine.authentication.sshd.line import Line


class Condition(Struct, frozen=True):
    """Whether a line holds; ``wants_final``: it asks for a second reading; ``left``: what ssh would not understand."""

    holds: bool
    wants_final: bool = False
    left: str = ""


class Asked(Struct, frozen=True):
    """What a condition is asked about: the destination, the host's name so far, and whether it is the last reading."""

    destination: Destination
    host: str
    user: str
    final: bool = False


_NOT_MODELLED = {
    "localnetwork": Version(9, 4),
    "tagged": Version(9, 4),
    "version": Version(10, 0),
    "sessiontype": Version(10, 0),
    "command": Version(10, 0),
}
"""Criteria of later versions, and ``exec``, are never taken to hold: they ask for more than the configuration."""


def host_holds(line: Line, host: str) -> bool:
    """Whether a ``Host`` line's patterns match; a negated one that does, decides. Raises :class:`BadError`."""
    holds = False
    for pattern in iter(line.next, None):
        if not pattern:
            raise BadError(f"keyword {lower(line.keyword)} empty argument")
        if matches(host, pattern.removeprefix("!")):
            if pattern.startswith("!"):
                line.consume()
                return False
            holds = True
    return holds


def match_holds(line: Line, asked: Asked) -> Condition:
    """Whether a ``Match`` line's criteria all hold. Raises :class:`BadError` for what is malformed."""
    holds, wants_final, criteria, rest = True, False, 0, line.rest or None
    while rest is not None:
        written, rest = delimited(rest)
        if not written or written.startswith("#"):
            rest = rest if not written else None
            break
        negated, attribute = written.startswith("!"), lower(written.removeprefix("!"))
        if attribute == "all":
            return _all(written, rest, criteria, holds and not negated, wants_final=wants_final)
        criteria += 1
        if attribute in ("canonical", "final"):
            wants_final = wants_final or attribute == "final"
            holds = holds and asked.final != negated
            continue
        argument, rest = delimited(rest or "")
        if not argument or argument.startswith("#"):
            raise BadError(f"Bad Match condition: Missing Match criteria for {attribute}")
        holds = holds and _holds(attribute, argument, line, asked, negated=negated)
    if not criteria:
        raise BadError("Bad Match condition: One or more attributes required for Match")
    return Condition(holds, wants_final, rest or "")


def _all(written: str, rest: str | None, criteria: int, holds: bool, *, wants_final: bool) -> Condition:
    """``all`` stands alone, or after one criterion."""
    argument, rest = delimited(rest) if rest is not None else (None, None)
    if criteria > 1 or (argument and not argument.startswith("#")):
        raise BadError(f"Bad Match condition: '{written}' cannot be combined with other Match attributes")
    return Condition(holds, wants_final, "" if argument else rest or "")


def _holds(attribute: str, argument: str, line: Line, asked: Asked, *, negated: bool) -> bool:
    to = asked.destination
    texts = {"host": asked.host, "originalhost": to.host, "user": asked.user, "localuser": to.local_user}
    if attribute in texts:
        small = attribute in ("host", "originalhost")
        return (in_list(texts[attribute], argument, small=small) == 1) != negated
    known = _NOT_MODELLED.get(attribute)
    if attribute != "exec" and not (known and (line.build.assumed or line.build.version >= known)):
        raise BadError(f"Bad Match condition: Unsupported Match attribute {attribute}")
    return False
