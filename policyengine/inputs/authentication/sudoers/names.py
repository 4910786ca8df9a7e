"""Members of sudoers' lists as texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.sudoers.expanding import TooLongError, expanded
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.authentication.sudoers.tree import AliasKind, Member, Members, Tree


def named(member: Member) -> str:
    """A member as it is written: ``!bob``."""
    text = member.command if member.kind == "command" else member.text
    return f"!{text}" if member.negated else text


def members(tree: Tree, alias: AliasKind, of: Members) -> Members | Unknown:
    """The members of a list with those of its aliases; Unknown where they are too many."""
    try:
        return expanded(tree, alias, of)
    except TooLongError:
        return Unknown("sudoers", f"a list comes to more members of {alias} than are looked at")


def names(of: Members | Unknown) -> list[str] | Unknown:
    """The members as texts."""
    return of if isinstance(of, Unknown) else [named(one) for one in of]
