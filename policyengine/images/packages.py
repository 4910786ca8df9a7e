"""What a build tells package managers: the meaning of each of their commands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from policyengine.images.caches import Cleaning, Removal, cache_is_kept, has_cache, removal
from policyengine.images.calls import Arguments, exported, is_variable, program, read, replaced
from policyengine.images.managers import Manager, manager_of
from policyengine.images.pinning import unpinned

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.images.calls import Call

_ASKING = frozenset(("install", "upgrade", "dist-upgrade", "remove"))
_ANSWERING = frozenset(("yes", "echo", "printf"))
_TRUE = frozenset(("1", "true", "yes", "on", "y", "t"))
_FALSE = frozenset(("0", "false", "no", "off", "n", "f"))
_NO_RECOMMENDS = "apt::install-recommends"


class PackageCommand(Struct, frozen=True):
    """One command of a package manager. ``at`` is the number of the call.

    Fields that do not apply are None. ``unsure`` names those of which a variable decides. ``own_index``: it fetches
    the index that it goes by itself.
    """

    manager: str
    program: str
    action: str
    at: int
    packages: tuple[str, ...] = ()
    unpinned: tuple[str, ...] | None = None
    assume_yes: bool | None = None
    recommends: bool | None = None
    verified: bool = True
    keeps_cache: bool | None = None
    stale_index: bool | None = None
    own_index: bool = False
    unsure: frozenset[str] = frozenset()


class Stage(Struct):
    """What earlier instructions of a stage have settled for the package managers of later ones.

    ``stale`` are the managers whose index was fetched by an instruction that does nothing else; ``settings`` what
    was written to their configuration (``assume_yes``, ``recommends``); ``opaque`` those whose configuration was
    copied, and is not known; ``sources``: something was copied, which may be a module that names versions.
    """

    stale: set[str] = field(default_factory=set)
    settings: set[str] = field(default_factory=set)
    opaque: set[str] = field(default_factory=set)
    sources: bool = False

    def copy(self) -> Stage:
        """The same for a stage that stands on this one."""
        return Stage(set(self.stale), set(self.settings), set(self.opaque), self.sources)


class Step(Struct, frozen=True):
    """The circumstances of a RUN: the variables that are known, the targets of its cache mounts, and its shell."""

    known: Mapping[str, str]
    mounts: tuple[str, ...] = ()
    shell: str = "sh"


def package_commands(calls: Sequence[Call], stage: Stage, step: Step) -> list[PackageCommand]:
    """The commands of package managers among the calls of one RUN; ``stage`` learns from them."""
    known = dict(step.known)
    found: list[PackageCommand] = []
    removed: Removal | None = None
    for at, call in enumerate(calls):
        known.update({name: value for name, value, _ in exported(call)})
        name, args, _ = program(call)
        manager = manager_of(name)
        if manager is not None:
            own = {key: value for key, value in call.variables if value is not None}
            removed = removed or removal(calls, step.known, step.shell)
            reader = _Reader(manager, name, at, call, removed, stage, Step(known | own, step.mounts, step.shell))
            found.append(reader.command(args))
    judged = _told_once(_with_index(found, stage))
    _learn(found, stage)
    return judged


class _Reader:
    """Reads one command of a package manager."""

    def __init__(
        self, manager: Manager, name: str, at: int, call: Call, removed: Removal, stage: Stage, step: Step
    ) -> None:
        self._manager = manager
        self._name = name
        self._at = at
        self._call = call
        self._removed = removed
        self._stage = stage
        self._step = step

    def command(self, args: Sequence[str]) -> PackageCommand:
        manager = self._manager
        if manager.name == "gem" and "--" in args:
            args = args[: args.index("--")]  # what follows is for the compilers of extensions
        arguments = read(replaced(args, self._step.known), manager.valued, long_dash=manager.long_dash)
        action, kind, packages = _action(manager, arguments)
        unsure: set[str] = set()
        floating = self._floating(action, kind, arguments, packages, unsure)
        cached = has_cache(manager.name, action)
        keeps = cache_is_kept(self._cleaning(arguments)) if cached else None
        if cached and keeps is None:
            unsure.add("keeps_cache")
        return PackageCommand(
            manager=manager.name,
            program=self._name,
            action=action,
            at=self._at,
            packages=tuple(packages),
            unpinned=floating,
            assume_yes=self._assumes_yes(arguments, unsure) if manager.asks and action in _ASKING else None,
            recommends=self._recommends(arguments, unsure) if _may_recommend(manager, action, arguments) else None,
            verified=self._verified(arguments),
            keeps_cache=keeps,
            own_index=arguments.has(*_OWN_INDEX.get(manager.name, ())),
            unsure=frozenset(unsure),
        )

    def _floating(
        self, action: str, kind: str | None, arguments: Arguments, packages: list[str], unsure: set[str]
    ) -> tuple[str, ...] | None:
        if action != "install":
            return None
        found, open_ = unpinned(self._manager.name, arguments, packages, kind)
        if open_:
            unsure.add("unpinned")
        if self._manager.name == "go" and self._stage.sources:
            # Without a version Go takes the one that go.mod names.
            found = [package for package in found if "@" in package]
        return tuple(found)

    def _assumes_yes(self, arguments: Arguments, unsure: set[str]) -> bool | None:
        manager, name = self._manager, self._manager.name
        if arguments.has(*manager.yes) or f"{name}: assume_yes" in self._stage.settings:
            return True
        if name == "apt" and sum(option.name in ("q", "quiet") for option in arguments.options) > 1:
            return True
        if name == "apt" and "2" in arguments.values("q", "quiet"):
            return True
        if any(key in manager.yes_settings and value in _TRUE for key, value in _settings(manager, arguments)):
            return True
        if _ANSWERING.intersection(self._call.reads_from):
            return True
        return self._unless_hidden("assume_yes", arguments, unsure)

    def _recommends(self, arguments: Arguments, unsure: set[str]) -> bool | None:
        if arguments.has("no-install-recommends", "R", "without-recommends"):
            return False
        if any(key == _NO_RECOMMENDS and value in _FALSE for key, value in _settings(self._manager, arguments)):
            return False
        if "false" in arguments.values("install-recommends") or "apt: recommends" in self._stage.settings:
            return False
        hidden = self._unless_hidden("recommends", arguments, unsure)
        return None if hidden is None else True

    def _unless_hidden(self, field_: str, arguments: Arguments, unsure: set[str]) -> bool | None:
        """False; None where what is not known may say otherwise."""
        if arguments.opaque() or self._manager.name in self._stage.opaque:
            unsure.add(field_)
            return None
        return False

    def _verified(self, arguments: Arguments) -> bool:
        manager = self._manager
        if arguments.has(*manager.unverified):
            return False
        settings = _settings(manager, arguments)
        wrong = manager.unverified_settings
        return not any(key in wrong and value in (_TRUE if wrong[key] else _FALSE) for key, value in settings)

    def _cleaning(self, arguments: Arguments) -> Cleaning:
        return Cleaning(
            self._manager, self._name, arguments, self._removed, self._at, self._step.known, self._step.mounts
        )


def _may_recommend(manager: Manager, action: str, arguments: Arguments) -> bool:
    """Whether a command installs what is recommended; build-dep does not."""
    return manager.name == "apt" and action == "install" and all(arg.text != "build-dep" for arg in arguments.operands)


def _settings(manager: Manager, arguments: Arguments) -> list[tuple[str, str]]:
    """The settings that are given as options, in lower case, the section of a repository left out."""
    pairs = (value.partition("=") for value in arguments.values(*manager.setting))
    found = [(key.strip().lower(), value.strip(" \"';").lower()) for key, _, value in pairs]
    return found if manager.name == "apt" else [(key.rpartition(".")[2], value) for key, value in found]


def _action(manager: Manager, arguments: Arguments) -> tuple[str, str | None, list[str]]:
    """What a command does, the word before that, and the packages that it names."""
    words = [arg.text for arg in arguments.operands]
    if manager.name == "pacman":
        return _pacman_action(arguments), None, words
    if manager.name == "rpm":
        return ("install" if arguments.has("i", "install", "U", "upgrade", "F") else "other"), None, words
    while words and is_variable(words[0]):
        words.pop(0)  # options, for nobody lets a variable say what to do
    kind = words.pop(0) if words and words[0] in manager.nested else None
    if manager.name == "yarn" and not words and kind is None:
        return ("other" if arguments.has("version", "v", "help", "h") else "install"), None, []
    action = manager.actions.get(words[0], "other") if words else "other"
    packages = [word for word in words[1:] if word not in ("true", "false")]
    if manager.name == "pip":
        packages += arguments.values("e", "editable")
    if manager.name == "apt" and words[:1] == ["build-dep"]:
        packages = []
    return action, kind, packages


def _pacman_action(arguments: Arguments) -> str:
    if not arguments.has("S", "sync", "U", "upgrade"):
        return "remove" if arguments.has("R", "remove") else "other"
    if arguments.operands:
        return "install"
    if arguments.has("c", "clean"):
        return "clean"
    return "update" if arguments.has("y", "refresh", "u", "sysupgrade") else "other"


_OWN_INDEX = {"apk": ("no-cache", "U", "update-cache", "update"), "pacman": ("y", "refresh")}
"""Options by which an installation fetches the index itself."""

_INDEXING = {
    **dict.fromkeys(("apt", "apk", "zypper", "pacman"), frozenset(("update",))),
    **dict.fromkeys(("yum", "dnf"), frozenset(("update", "upgrade", "dist-upgrade"))),
}
"""By manager, what fetches the index; yum's own update installs as well, as of the day it runs."""


def _with_index(found: Sequence[PackageCommand], stage: Stage) -> list[PackageCommand]:
    """Say of installations whether they go by an index that an earlier instruction has fetched."""
    fetched: set[str] = set()
    judged: list[PackageCommand] = []
    for command in found:
        manager = command.manager
        if command.action in _INDEXING.get(manager, ()):
            fetched.add(manager)
        if command.action == "install" and manager in _INDEXING:
            own = command.own_index or manager in fetched
            command = replace(command, stale_index=not own and manager in stage.stale)
        judged.append(command)
    return judged


def _told_once(found: Sequence[PackageCommand]) -> list[PackageCommand]:
    """Of the commands whose cache stays in the layer, only the first of a manager: it is one cache."""
    told: set[str] = set()
    judged: list[PackageCommand] = []
    for command in found:
        again = command.keeps_cache and command.manager in told
        judged.append(replace(command, keeps_cache=None) if again else command)
        if command.keeps_cache:
            told.add(command.manager)
    return judged


def _learn(found: Sequence[PackageCommand], stage: Stage) -> None:
    """Note the managers whose index this instruction fetches, keeps, and does not use itself."""
    installing = {command.manager for command in found if command.action == "install"}
    for command in found:
        if command.action in _INDEXING.get(command.manager, ()):
            if command.keeps_cache and command.manager not in installing:
                stage.stale.add(command.manager)
            else:
                stage.stale.discard(command.manager)


_WRITTEN = (
    ("apt: recommends", re.compile(r"apt\.conf", re.I), re.compile(r"install-recommends\W+(?:false|0|no|off)\b", re.I)),
    ("apt: assume_yes", re.compile(r"apt\.conf", re.I), re.compile(r"assume-yes\W+(?:true|1|yes|on)\b", re.I)),
    *(
        (
            f"{name}: assume_yes",
            re.compile(r"(?:yum|dnf)\.conf"),
            re.compile(r"assumeyes\s*=\s*(?:true|1|yes|on)\b", re.I),
        )
        for name in ("yum", "dnf")
    ),
)
"""Settings that a script writes to a manager's configuration: what, the file's name, and the setting."""

_UNSIGNED = (
    (
        "trusted=yes",
        re.compile(
            r"\[[^\]\n]{0,200}\btrusted\s*=\s*yes\b[^\]\n]{0,200}\]\s*(?!file:|copy:|cdrom:)\S|^\s*trusted:\s*yes\b",
            re.IGNORECASE | re.MULTILINE,
        ),
    ),
    # sed may be told to find it, and to write another.
    ("gpgcheck=0", re.compile(r"(?<![a-z_=.])gpgcheck\s*=\s*(?:0|no|false|off)\b(?![/|#,]\s*gpgcheck)", re.IGNORECASE)),
)
"""Settings by which package managers take what nobody signed."""

_CONFIGURATION = (("apt", "/etc/apt/apt.conf"), ("yum", "/etc/yum.conf"), ("dnf", "/etc/dnf/dnf.conf"))


def unsigned(text: str) -> list[str]:
    """The settings in a text by which package managers take what nobody signed."""
    return [what for what, setting in _UNSIGNED if setting.search(text)]


def note_script(stage: Stage, text: str) -> None:
    """Learn from what a RUN writes to the configuration of a package manager."""
    if ".conf" in text:
        stage.settings.update(what for what, file, setting in _WRITTEN if file.search(text) and setting.search(text))


def note_copy(stage: Stage, destination: str) -> None:
    """Learn from what COPY and ADD bring into a stage."""
    stage.sources = True
    for manager, file in _CONFIGURATION:
        if destination.startswith(file) or (
            destination.endswith("/") and file.startswith(destination) and destination.count("/") > 2
        ):
            stage.opaque.add(manager)
