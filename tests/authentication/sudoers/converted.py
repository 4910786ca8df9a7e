"""What ``cvtsudoers -f json [-e]`` of sudo 1.9.13 writes of a tree, as data."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from policyengine.authentication.sudoers.expanding import expanded
from policyengine.authentication.sudoers.options import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyengine.authentication.sudoers.tree import (
        AliasKind,
        CommandSpec,
        Member,
        Members,
        Options,
        Setting,
        Tags,
        Tree,
        UserSpec,
    )

Json = dict[str, Any]

_TITLES: dict[AliasKind, str] = {
    "User_Alias": "User_Aliases",
    "Runas_Alias": "Runas_Aliases",
    "Host_Alias": "Host_Aliases",
    "Cmnd_Alias": "Command_Aliases",
}
_REFERENCES: dict[AliasKind, str] = {
    "User_Alias": "useralias",
    "Runas_Alias": "runasalias",
    "Host_Alias": "hostalias",
    "Cmnd_Alias": "cmndalias",
}
_NAMES: dict[AliasKind, str] = {
    "User_Alias": "username",
    "Runas_Alias": "username",
    "Host_Alias": "hostname",
    "Cmnd_Alias": "command",
}
_SCOPES: dict[str, AliasKind] = {
    "user": "User_Alias",
    "runas": "Runas_Alias",
    "host": "Host_Alias",
    "command": "Cmnd_Alias",
}


class Converter:
    """Converts a tree, with its aliases or with what they stand for."""

    def __init__(self, tree: Tree, *, expand: bool) -> None:
        self._tree = tree
        self._expand = expand

    def json(self) -> Json:
        """The whole."""
        found: Json = {}
        if self._tree.settings:
            found["Defaults"] = list(self._defaults())
        if not self._expand:
            found |= self._aliases()
        if self._tree.specs:
            found["User_Specs"] = [one for spec in self._tree.specs for one in self._spec(spec)]
        return found

    def _members(self, members: Members, kind: AliasKind, name: str = "") -> list[Json]:
        if not self._expand:
            return [_member(one, kind, name) for one in members]
        return [found for one in members for found in self._expanded(one, kind, name)]

    def _expanded(self, member: Member, kind: AliasKind, name: str) -> list[Json]:
        """What a member stands for; cvtsudoers leaves out an alias that is not defined, and calls groups users."""
        found = [one for one in expanded(self._tree, kind, (member,)) if one.kind != "alias"]
        return [_member(one, kind, "" if member.kind == "alias" else name) for one in found]

    def _aliases(self) -> Json:
        found: Json = {}
        for kind, title in _TITLES.items():
            named = {name: alias for (its, name), alias in sorted(self._tree.aliases.items()) if its == kind}
            if named:
                found[title] = {
                    name: [_member(one, kind, "") for one in alias.members] for name, alias in named.items()
                }
        return found

    def _defaults(self) -> Iterator[Json]:
        """Settings of one line together; after an unknown one, what is left of its line stands by itself."""
        at, settings = 0, self._tree.settings
        while at < len(settings):
            if settings[at].name not in OPTIONS:
                at += 1
                continue
            group = [settings[at]]
            at += 1
            while at < len(settings) and settings[at].group == group[0].group:
                if settings[at].name not in OPTIONS:
                    at += 1
                    break
                group.append(settings[at])
                at += 1
            yield self._binding(group)

    def _binding(self, group: Sequence[Setting]) -> Json:
        subjects = group[0].subjects
        binding = {"Binding": self._members(subjects, _SCOPES[group[0].scope])} if subjects else {}
        return {**binding, "Options": [_option(one) for one in group]}

    def _spec(self, spec: UserSpec) -> Iterator[Json]:
        for privilege in spec.privileges:
            yield {
                "User_List": self._members(spec.users, "User_Alias"),
                "Host_List": self._members(privilege.hosts, "Host_Alias"),
                "Cmnd_Specs": list(self._commands(privilege.commands)),
            }

    def _commands(self, specs: tuple[CommandSpec, ...]) -> Iterator[Json]:
        at = 0
        while at < len(specs):
            first = at
            at += 1
            while at < len(specs) and _continues(specs[at - 1], specs[at]):
                at += 1
            yield self._command(specs[first], [one.command for one in specs[first:at]])

    def _command(self, spec: CommandSpec, commands: list[Member]) -> Json:
        found: Json = {}
        if spec.runas is not None and spec.runas.users is not None:
            found["runasusers"] = self._members(spec.runas.users, "Runas_Alias")
        if spec.runas is not None and spec.runas.groups is not None:
            found["runasgroups"] = self._members(spec.runas.groups, "Runas_Alias", "usergroup")
        if options := [*_options(spec.options), *_tags(spec.tags)]:
            found["Options"] = options
        if spec.options.role is not None and spec.options.type is not None:
            found["SELinux_Spec"] = [{"role": spec.options.role}, {"type": spec.options.type}]
        found["Commands"] = self._members(tuple(commands), "Cmnd_Alias")
        return found


def _member(member: Member, kind: AliasKind, name: str) -> Json:
    return _described(member, kind, name) | ({"negated": True} if member.negated else {})


def _described(member: Member, kind: AliasKind, name: str) -> Json:
    if member.kind == "command" or (kind == "Cmnd_Alias" and member.kind == "all"):
        command = "ALL" if member.kind == "all" else member.command
        return {"command": command, **{one.kind: one.text for one in member.digests}}
    if member.kind == "alias":
        return {_REFERENCES[kind]: member.text}
    if member.kind == "group":
        return _group(member.text[1:])
    if member.kind == "netgroup":
        return {"netgroup": member.text[1:]}
    if member.kind == "address":
        return {"networkaddr": member.text}
    name = name or _NAMES[kind]
    text = "ALL" if member.kind == "all" else member.text
    return _identified("userid", name, text) if name == "username" else {name: text}


def _group(text: str) -> Json:
    if text.startswith(":"):
        return _identified("nonunixgid", "nonunixgroup", text[1:])
    return _identified("usergid", "usergroup", text)


def _identified(number: str, name: str, text: str) -> Json:
    if re.fullmatch(r"#-?[0-9]+", text) and -(2**31) <= int(text[1:]) < 2**32 - 1 and int(text[1:]) != -1:
        return {number: int(text[1:]) % 2**32}
    return {name: text}


def _option(setting: Setting) -> Json:
    option = OPTIONS[setting.name]
    if option.form == "flag" or setting.value is None:
        return {setting.name: setting.operation != "unset"}
    if option.form != "list":
        return {setting.name: setting.value}
    operation = {"set": "list_assign", "add": "list_add", "remove": "list_remove"}[setting.operation]
    return {"operation": operation, setting.name: [one for one in re.split(r"[ \t]+", setting.value) if one]}


def _options(options: Options) -> Iterator[Json]:
    if options.runchroot is not None:
        yield {"runchroot": options.runchroot}
    if options.runcwd is not None:
        yield {"runcwd": options.runcwd}
    if options.timeout:
        yield {"command_timeout": options.timeout}
    for name in ("notbefore", "notafter"):
        moment = getattr(options, name)
        if moment is not None:
            yield {name: time.strftime("%Y%m%d%H%M%SZ", time.gmtime(moment))}


def _tags(tags: Tags) -> Iterator[Json]:
    if tags.nopasswd is not None:
        yield {"authenticate": not tags.nopasswd}
    for name in ("noexec", "intercept", "send_mail", "setenv", "follow", "log_input", "log_output"):
        said = getattr(tags, name)
        if said is not None:
            yield {"sudoedit_follow" if name == "follow" else name: bool(said)}


_TAGS = ("follow", "intercept", "log_input", "log_output", "noexec", "nopasswd", "setenv", "send_mail")


def _continues(one: CommandSpec, following: CommandSpec) -> bool:
    """Whether a command is written with the one before it: only what says something in the second counts."""
    changed = any(
        getattr(following.tags, tag) not in (None, "implied") and getattr(following.tags, tag) != getattr(one.tags, tag)
        for tag in _TAGS
    )
    same = all(getattr(one.options, name) is getattr(following.options, name) for name in _INHERITED)
    return same and not changed and one.runas is following.runas


_INHERITED = ("role", "type", "runchroot", "runcwd")
"""What must be the very same: what is written twice is not."""
