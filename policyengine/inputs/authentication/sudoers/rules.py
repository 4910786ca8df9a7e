"""Each thing that sudoers grants as a resource: a command of a line, with who may run it and as whom."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.authentication.sudoers.effective import effective, is_known
from policyengine.authentication.sudoers.loading import MAIN
from policyengine.inputs.authentication.origins import WrittenOrigins
from policyengine.inputs.authentication.sudoers.names import members, named, names
from policyengine.model.kinds import sudo_rule as kind
from policyengine.model.provenance import DECLARED
from policyengine.model.resource import Resource
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from policyengine.authentication.files import Root
    from policyengine.authentication.sudoers.build import Build
    from policyengine.authentication.sudoers.loading import Part, Sudoers
    from policyengine.authentication.sudoers.tree import CommandSpec, Member, Members, Privilege, Tree, UserSpec
    from policyengine.model.location import Location
    from policyengine.model.scope import Scope

MOST_RULES = 5000
"""How many rules are looked at: nobody writes more."""

MOST_NAME = 120
"""How long the name of a rule is at most."""

_ROOT = re.compile("root|#0+").fullmatch
_AMONG_ROOT = re.compile("root|#0+|ALL|%root|%#0+").fullmatch
"""What stands for root, and for users of whom root is one: its group has it as a member."""


def unreadable(root: Root, why: Unknown, scope: Scope, origin: str) -> Resource:
    """What stands for the rules that cannot be read."""
    name = f"what {why.fact} grants"
    facts = dict.fromkeys(kind.KIND.fields, why) | {"name": name, "read": True}
    return Resource("sudo_rule", name, origin, scope, facts, WrittenOrigins(root.where(MAIN[0]), {}, {}, {}))


def resources(
    root: Root, found: Sudoers, build: Build, scope: Scope, origin: str, *, fragment: bool
) -> Iterator[Resource]:
    """The rules, in the order of their lines; one of which nothing is known where there may be more.

    A line of a file that is included more than once is there once.
    """
    made, unknown = _Rules(found, build, fragment=fragment), found.unknown
    for number, (facts, place) in enumerate(_once(rule for part in found.parts for rule in made.of(part))):
        if number >= MOST_RULES:
            unknown = Unknown("sudoers", f"there are more rules than the first {MOST_RULES}, which are looked at")
            break
        origins = WrittenOrigins(
            place.path,
            {(field,): place for field in kind.KIND.fields},
            {(field,): DECLARED for field in facts},
            found.texts,
        )
        yield Resource("sudo_rule", str(facts["name"]), origin, scope, facts, origins)
    if unknown is not None:
        yield unreadable(root, unknown, scope, origin)


_Rule = tuple[dict[str, object], "Location"]


def _once(rules: Iterable[_Rule]) -> Iterator[_Rule]:
    """Rules without those of the same place and name."""
    done = set()
    for facts, place in rules:
        key = (place, facts["name"])
        if key not in done:
            done.add(key)
            yield facts, place


class _Rules:
    """Makes the facts of rules."""

    def __init__(self, found: Sudoers, build: Build, *, fragment: bool) -> None:
        self._unknown = found.unknown
        if fragment and self._unknown is None:
            self._unknown = Unknown("sudoers", "it is a part of sudoers, which may set it elsewhere")
        self._known_from = len(found.tree.settings) if fragment else found.known_from
        self._effects = effective(found.tree, build)

    def of(self, part: Part) -> Iterator[_Rule]:
        """Those of some files, with the places of their commands; then those that are refused."""
        for spec in part.tree.specs:
            for privilege in spec.privileges:
                yield from self._privilege(part, spec, privilege)
        for one in part.tree.refused:
            yield _refused(one.message), one.place.location

    def _privilege(self, part: Part, spec: UserSpec, privilege: Privilege) -> Iterator[_Rule]:
        who = _who(part.tree, spec.users)
        hosts = names(members(part.tree, "Host_Alias", privilege.hosts))
        for one in privilege.commands:
            facts: dict[str, object] = {
                "name": _name(spec.users, privilege.hosts, one.command),
                "read": part.read,
                "refused": False,
                **who,
                "hosts": hosts,
                **self._run_as(part.tree, one),
                **_commands(part.tree, one.command),
                **self._tags(one),
            }
            yield facts, one.command.place.location

    def _run_as(self, tree: Tree, spec: CommandSpec) -> dict[str, object]:
        """As whom: where only groups are given, as the user who runs it."""
        facts: dict[str, object] = {"run_as_given": spec.runas is not None}
        if spec.runas is None:
            default = self._option("runas_default")
            facts["run_as_root"] = default if isinstance(default, Unknown) else _ROOT(str(default)) is not None
            return facts | {"run_as_users": default if isinstance(default, Unknown) else [default]}
        users = members(tree, "Runas_Alias", tuple(one for one in spec.runas.users or () if one.kind != "self"))
        facts["run_as_users"] = names(users)
        facts["run_as_root"] = users if isinstance(users, Unknown) else _has(users, _AMONG_ROOT)
        if spec.runas.groups is not None:
            facts["run_as_groups"] = names(members(tree, "Runas_Alias", spec.runas.groups))
        return facts

    def _tags(self, spec: CommandSpec) -> dict[str, object]:
        tags = spec.tags
        facts: dict[str, object] = {
            "authenticate": self._option("authenticate") if tags.nopasswd is None else not tags.nopasswd,
            "noexec": self._option("noexec") if tags.noexec is None else tags.noexec,
            "setenv": self._option("setenv") if tags.setenv is None else bool(tags.setenv),
            "setenv_given": tags.setenv is True,
        }
        return facts if tags.nopasswd is None else facts | {"nopasswd": tags.nopasswd}

    def _option(self, name: str) -> object:
        """An option's value, or why it is not known."""
        effect = self._effects[name]
        known = self._unknown is None or is_known(effect, self._known_from)
        return effect.value if known else self._unknown


def _refused(message: str) -> dict[str, object]:
    """A line that sudo passes over."""
    unknown = Unknown("sudoers", f"sudo refuses the line: {message}")
    known = {"name": f"a line that sudo refuses: {message}", "read": False, "refused": True}
    return dict.fromkeys(kind.KIND.fields, unknown) | known


def _who(tree: Tree, users: Members) -> dict[str, object]:
    """Who may run it."""
    found = members(tree, "User_Alias", users)
    if isinstance(found, Unknown):
        return dict.fromkeys(("users", "everybody", "only_root"), found)
    only_root = all(_is_root(user) for user in found)
    return {"users": names(found), "everybody": _has(found, "ALL".__eq__), "only_root": only_root}


def _has(found: Members, wanted: Callable[[str], object]) -> bool:
    """Whether the last member of a list that is wanted is not excluded: the last that matches counts."""
    return next((not one.negated for one in reversed(found) if wanted(one.text)), False)


def _is_root(user: Member) -> bool:
    return _ROOT(user.text) is not None and not user.negated


def _commands(tree: Tree, member: Member) -> dict[str, object]:
    found = members(tree, "Cmnd_Alias", (member,))
    if isinstance(found, Unknown):
        return dict.fromkeys(("commands", "grants", "everything"), found)
    grants = not all(one.negated for one in found)
    return {"commands": [_command(one) for one in found], "grants": grants, "everything": _has(found, "ALL".__eq__)}


def _command(one: Member) -> dict[str, object]:
    given = {None: "any", '""': "none"}.get(one.arguments, "given")
    return {
        "name": one.text,
        "arguments": given if one.kind == "command" else "any",
        "line": one.command,
        "negated": one.negated,
        "digest": bool(one.digests),
        "everything": one.kind == "all" and not one.negated,
    }


def _name(users: Sequence[Member], hosts: Sequence[Member], command: Member) -> str:
    who, where = (",".join(named(one) for one in some[:MOST_NAME]) for some in (users, hosts))
    name = f"{who} {where} = {named(command)}"
    return name if len(name) <= MOST_NAME else f"{name[: MOST_NAME - 1]}…"
