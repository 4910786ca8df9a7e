"""Lists with their aliases replaced by what these stand for, as sudo takes them when it matches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from policyengine.authentication.sudoers.tree import AliasKind, Member, Members, Tree

MOST_MEMBERS = 10_000
"""How long a list may become: aliases that name others twice double it at each step."""


MOST_NESTED = 200
"""How deep aliases may be within each other."""


class TooLongError(Exception):
    """A list has more members than are looked at."""


def expanded(tree: Tree, kind: AliasKind, members: Members) -> Members:
    """The members that a list comes to. An alias that is negated negates what it stands for.

    An alias that is not defined, or is within itself, stays: for sudo its name is then that of a user, group or host.
    Raises :class:`TooLongError`.
    """
    found: list[Member] = []
    waiting: list[tuple[Member, tuple[str, ...]]] = [(member, ()) for member in reversed(members)]
    while waiting:
        member, within = waiting.pop()
        alias = tree.aliases.get((kind, member.text)) if member.kind == "alias" else None
        if alias is None or member.text in within:
            found.append(member)
        else:
            inside = (*within, member.text)
            waiting += [(_negated(one, member), inside) for one in reversed(alias.members)]
        if len(found) > MOST_MEMBERS or len(within) > MOST_NESTED or len(waiting) > MOST_MEMBERS:
            raise TooLongError
    return tuple(found)


def _negated(one: Member, by: Member) -> Member:
    return replace(one, negated=one.negated != by.negated) if by.negated else one
