"""What the system's ssh_config comes to for a destination: the values that ``ssh -G`` writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from policyengine.authentication.resolving import resolved
from policyengine.authentication.ssh.defaults import defaults, settled
from policyengine.authentication.ssh.destination import ANY, Destination
from policyengine.authentication.ssh.reading import Conditional, Files, Pass, RefusedError, UnreadableError
from policyengine.authentication.sshd.algorithms import Algorithms, assembled
from policyengine.authentication.sshd.build import Build
from policyengine.authentication.sshd.knowledge import known
from policyengine.authentication.sshd.line import Problem
from policyengine.authentication.sshd.options import Options, Setting
from policyengine.authentication.sshd.system import System, system_of
from policyengine.model.location import Location
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.authentication.files import Root

CONFIG = "/etc/ssh/ssh_config"

ALGORITHMS = {
    "ciphers": "ciphers",
    "macs": "macs",
    "kexalgorithms": "kex",
    "hostkeyalgorithms": "keys",
    "hostbasedacceptedalgorithms": "keys",
    "pubkeyacceptedalgorithms": "keys",
    "casignaturealgorithms": "signatures",
}

_BEFORE_FINAL = ("canonicalizemaxdots", "canonicalizefallbacklocal", "canonicalizehostname")
"""What the second reading cannot set: it is needed, and has its default, before."""

MOST_LINES = 20_000
"""How many lines are read for all blocks together."""


class Refusal(Struct, frozen=True):
    """ssh does nothing with it: what it objects to, in its words."""

    problems: tuple[Problem, ...]


class Block(Struct, frozen=True):
    """A block that is not for all: its Host or Match line, and the options that are other than for all."""

    condition: str
    where: Location
    changes: Options | Unknown


class Configuration:
    """A configuration that ssh accepts for a destination that nothing in it names.

    ``unread``: why files that are included are not known; ``unset``: the same where they may set what nothing else
    does for everyone.
    """

    def __init__(self, files: Files, first: Pass, options: Options) -> None:
        self._files = files
        self.build = files.build
        self.options = options
        self.texts = files.texts
        self.lines = tuple(first.lines)
        self.includes = first.includes
        self.conditions = tuple(dict.fromkeys(first.conditions))
        self.unread = first.unread
        self.unset = first.unset

    def of(self, destination: Destination, forced: Conditional | None = None) -> Options | Refusal | Unknown:
        """The effective options for a destination; a block that is ``forced`` is taken to hold."""
        return _asked(self._files, destination, forced)[0]

    def blocks(self) -> list[Block]:
        """What each block changes that is not for all, for those for whom no other such one holds."""
        most = max(1, MOST_LINES // (len(self.lines) + 1))
        return [Block(one.text, one.where, self._changes(one)) for one in self.conditions[:most]]

    def _changes(self, block: Conditional) -> Options | Unknown:
        found = self.of(ANY, block)
        if isinstance(found, Refusal):
            return Unknown("ssh_config", f"ssh refuses it for them: {found.problems[-1].message}")
        if isinstance(found, Unknown):
            return found
        return {name: one for name, one in found.items() if one.places and one != self.options.get(name)}


def read(root: Root, build: Build | None = None, system: System | None = None) -> Configuration | Refusal | Unknown:
    """A root's configuration of the client, as an ssh of the given build reads it."""
    files = Files(root, build or Build(), system or system_of(root))
    found, first = _asked(files, ANY, None)
    return found if isinstance(found, Refusal | Unknown) else Configuration(files, first, found)


def asked(
    root: Root, to: Destination, build: Build | None = None, system: System | None = None
) -> Options | Refusal | Unknown:
    """The effective options for a destination, whatever comes of others."""
    return _asked(Files(root, build or Build(), system or system_of(root)), to, None)[0]


def _asked(files: Files, to: Destination, forced: Conditional | None) -> tuple[Options | Refusal | Unknown, Pass]:
    """The options for a destination: read twice where the configuration wants it, or canonicalises names."""
    options: Options = {}
    first = Pass(files, options, to, forced=forced)
    try:
        if resolved(files.root, CONFIG) is not None:
            first.read(CONFIG)
            if first.wants_final or options.get("canonicalizehostname", Setting(("no",))).text != "no":
                for name in _BEFORE_FINAL:
                    options.setdefault(name, Setting(defaults(files.build)[name]))
                Pass(files, options, to, forced=forced, final=first.host).read(CONFIG)
        _complete(options, files.build, Location(files.root.where(CONFIG)))
        if first.unset is not None:
            _doubt(options, first.before, first.unset)
    except RefusedError as refused:
        return Refusal(refused.problems), first
    except UnreadableError as unreadable:
        return unreadable.unknown, first
    return options, first


_ADDING = frozenset(("certificatefile", "identityfile", "sendenv", "localforward", "remoteforward", "dynamicforward"))
"""What each line adds to. Of all others the first value counts."""


def _doubt(options: Options, before: Options, unread: Unknown) -> None:
    """Say what files that were not read may have set: all but what is ``before`` them and stays as it is."""
    for name, setting in options.items():
        if name in _ADDING or name not in before or before[name].places != setting.places:
            options[name] = replace(setting, unread=unread)


def _complete(options: Options, build: Build, nowhere: Location) -> None:
    """Put in the defaults, and what lists of algorithms come to. Raises :class:`RefusedError`."""
    for name, values in settled({name: one.values for name, one in options.items()}, build).items():
        options.setdefault(name, Setting(values))
    for name, kind in ALGORITHMS.items():
        setting = options.get(name, Setting(("",)))
        algorithms: Algorithms = getattr(known(build), kind)
        found = assembled(setting.values[0], algorithms)
        if found is None:
            where = setting.places[0] if setting.places else nowhere
            raise RefusedError([Problem(f"no algorithm is left of {name} {setting.values[0]}", where)])
        options[name] = Setting((found,), setting.places)
    attempts = options["connectionattempts"]
    if attempts.text == "0":
        raise RefusedError([Problem("Invalid number of ConnectionAttempts", attempts.places[0])])
