"""What visudo(8) checks after it has read the files: Defaults, and aliases where it is strict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.sudoers import options
from policyengine.authentication.sudoers.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policyengine.authentication.sudoers.tokens import Place
    from policyengine.authentication.sudoers.tree import AliasKind, Member, Members, Privilege, Tree, UserSpec


def defaults(tree: Tree) -> Iterator[Problem]:
    """The settings that sudo does not know or take: it passes over them."""
    for setting in tree.settings:
        try:
            options.value(setting)
        except ValueError as wrong:
            yield Problem(str(wrong), setting.place.location, setting.place.file)


def aliases(tree: Tree) -> Iterator[Problem]:
    """Aliases that lines that grant refer to and that are not defined, or contain themselves: each is told once.

    Only ``visudo -s`` refuses them. For sudo such a name is that of a user, host or group itself.
    """
    check = _Check(tree)
    for spec in tree.specs:
        for kind, member in _references(spec):
            yield from check.found(kind, member.text, spec.place)


def _references(spec: UserSpec) -> Iterator[tuple[AliasKind, Member]]:
    yield from _aliases("User_Alias", spec.users)
    for privilege in spec.privileges:
        yield from _privilege(privilege)


def _privilege(privilege: Privilege) -> Iterator[tuple[AliasKind, Member]]:
    yield from _aliases("Host_Alias", privilege.hosts)
    for one in privilege.commands:
        if one.runas is not None:
            yield from _aliases("Runas_Alias", one.runas.users)
            yield from _aliases("Runas_Alias", one.runas.groups)
        yield from _aliases("Cmnd_Alias", (one.command,))


def _aliases(kind: AliasKind, members: Members | None) -> Iterable[tuple[AliasKind, Member]]:
    return [(kind, member) for member in members or () if member.kind == "alias"]


class _Check:
    """Walks from alias to alias, each once, however they refer to each other."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._told: set[str] = set()
        self._done: set[tuple[AliasKind, str]] = set()

    def found(self, kind: AliasKind, name: str, place: Place) -> Iterator[Problem]:
        """What is wrong with an alias, and with those that it refers to."""
        within: dict[str, None] = {}
        waiting: list[tuple[str, Place] | None] = [(name, place)]
        while waiting:
            at = waiting.pop()
            if at is None:
                self._done.add((kind, within.popitem()[0]))
                continue
            alias = self._tree.aliases.get((kind, at[0]))
            if alias is None:
                yield from self._tell(at[0], f'{kind} "{at[0]}" referenced but not defined', at[1])
            elif at[0] in within:
                yield from self._tell(at[0], f'cycle in {kind} "{at[0]}"', at[1])
            elif (kind, at[0]) not in self._done:
                within[at[0]] = None
                waiting.append(None)
                waiting += [(one.text, alias.place) for _, one in reversed([*_aliases(kind, alias.members)])]

    def _tell(self, name: str, message: str, place: Place) -> Iterator[Problem]:
        if name not in self._told:
            self._told.add(name)
            yield Problem(message, place.location, place.file, strict=True)
