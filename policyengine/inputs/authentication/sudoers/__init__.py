"""A root's sudoers as resources: what is set, and each thing that is granted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.sudoers.build import Build, installed
from policyengine.authentication.sudoers.loading import load, main_file
from policyengine.inputs.authentication.sudoers import rules, whole
from policyengine.model.kinds import sudo_rule
from policyengine.model.kinds import sudoers as kind
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from policyengine.authentication.files import Root
    from policyengine.model.location import Location
    from policyengine.model.resource import Resource
    from policyengine.model.scope import Scope

SUPPLIES: Mapping[str, frozenset[str]] = {
    "sudoers": frozenset(kind.KIND.fields),
    "sudo_rule": frozenset(sudo_rule.KIND.fields),
}


def resources(
    root: Root,
    name: str,
    scope: Scope,
    origin: str,
    refused: Callable[[str, Location], None],
) -> Iterator[Resource]:
    """The sudoers of a root, and its rules; none where it has none. What sudo refuses of it is among its facts."""
    del refused  # sudo passes over a line that it refuses
    main = main_file(root)
    if main is not None:
        yield from of_file(root, main, name, scope, origin)


def of_file(
    root: Root, main: str | Unknown, name: str, scope: Scope, origin: str, *, fragment: bool = False
) -> Iterator[Resource]:
    """What a main file and those that it includes say.

    ``fragment``: it is only a part of sudoers: what is not set in it is unknown.
    """
    build = installed(root) or Build(assumed=True)
    if isinstance(main, Unknown):
        yield whole.unreadable(root, main, name, scope, origin, build)
        yield rules.unreadable(root, main, scope, origin)
        return
    found = load(root, main, alone=fragment)
    yield whole.resource(root, found, build, name, scope, origin, fragment=fragment)
    yield from rules.resources(root, found, build, scope, origin, fragment=fragment)
