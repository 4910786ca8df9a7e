"""What a configuration comes to for a connection: the values that ``sshd -T -C`` writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from policyengine.authentication.sshd.algorithms import Algorithms, assembled
from policyengine.authentication.sshd.build import Build
from policyengine.authentication.sshd.defaults import ALGORITHMS, defaults
from policyengine.authentication.sshd.directives import METHODS
from policyengine.authentication.sshd.knowledge import known
from policyengine.authentication.sshd.line import Problem
from policyengine.authentication.sshd.listening import listened
from policyengine.authentication.sshd.options import Options, Setting
from policyengine.authentication.sshd.reading import Decide, Files, Pass, RefusedError, UnreadableError
from policyengine.authentication.sshd.system import System, system_of
from policyengine.authentication.sshd.words import lower
from policyengine.model.location import Location

if TYPE_CHECKING:
    from policyengine.authentication.files import Root
    from policyengine.authentication.sshd.identity import Identity
    from policyengine.model.unknown import Unknown

CONFIG = "/etc/ssh/sshd_config"


class Refusal(Struct, frozen=True):
    """sshd does not start with it: what it objects to, in its words."""

    problems: tuple[Problem, ...]


class Configuration:
    """A configuration that sshd accepts as far as it is the same for everyone; :meth:`of` asks for one connection.

    ``unread``: why files that are included are not known; ``unset``: the same where they may set what nothing else
    does for everyone.
    """

    def __init__(self, files: Files, path: str, options: Options, first: Pass) -> None:
        self._files = files
        self._path = path
        self._options = options
        self.build = files.build
        self.texts = files.texts
        self.lines = tuple(first.lines)
        self.includes = first.includes
        self.conditions = tuple(dict.fromkeys(first.conditions))
        self.unread = first.unread
        self.unset = first.unset

    def groups_of(self, user: str) -> tuple[str, ...] | None:
        """The groups that a user is in; none for one who does not exist, None where it is not known who does."""
        groups = self._files.system.groups
        return None if groups is None else groups.get(user, ())

    def of(self, identity: Identity, decide: Decide | None = None) -> Options | Refusal | Unknown:
        """The effective options for a connection. What is set nowhere has its default, and no places.

        A configuration may be refused for one connection only.
        """
        own: Options = {}
        if identity.user is not None and identity.groups is None:
            identity = replace(identity, groups=self.groups_of(identity.user))
        try:
            Pass(self._files, own, identity, decide).read(self._path)
            listened(own, self._nowhere)
            merged = dict(self._options)
            merged |= {name: setting for name, setting in own.items() if name in _COPIED}
            _assemble(merged, self.build, self._nowhere)
        except RefusedError as refused:
            return Refusal(refused.problems)
        except UnreadableError as unreadable:
            return unreadable.unknown
        for name in ("forcecommand", "chrootdirectory"):
            _clear(merged, name)
        return merged

    @property
    def _nowhere(self) -> Location:
        return Location(self._files.root.where(self._path))


def read(
    root: Root, path: str = CONFIG, build: Build | None = None, system: System | None = None
) -> Configuration | Refusal | Unknown:
    """A root's configuration of sshd, as an sshd of the given build reads it."""
    files = Files(root, build or Build(), system or system_of(root))
    options: Options = {}
    nowhere = Location(root.where(path))
    try:
        first = Pass(files, options, None)
        first.read(path)
        listened(options, nowhere)
        _complete(options, files.build)
        _assemble(options, files.build, nowhere)
        for name in _CLEARED:
            _clear(options, name)
        _empty(options, "channeltimeout")
        _check(options, nowhere)
    except RefusedError as refused:
        return Refusal(refused.problems)
    except UnreadableError as unreadable:
        return unreadable.unknown
    return Configuration(files, path, options, first)


def _complete(options: Options, build: Build) -> None:
    for name, values in defaults(build).items():
        options.setdefault(name, Setting(values))


def _assemble(options: Options, build: Build, nowhere: Location) -> None:
    """Lists of algorithms become what they come to. Raises :class:`RefusedError` for one that comes to nothing."""
    for name, kind in ALGORITHMS.items():
        setting = options.get(name, Setting(("",)))
        algorithms: Algorithms = getattr(known(build), kind)
        found = assembled(setting.values[0], algorithms)
        if found is None:
            where = setting.places[0] if setting.places else nowhere
            raise RefusedError([Problem(f"no algorithm is left of {name} {setting.values[0]}", where)])
        options[name] = replace(setting, values=(found,))


_CLEARED = (
    "pidfile",
    "xauthlocation",
    "banner",
    "trustedusercakeys",
    "revokedkeys",
    "securitykeyprovider",
    "authorizedprincipalsfile",
    "forcecommand",
    "chrootdirectory",
    "hostkeyagent",
)
"""Options whose value ``none`` is written in small letters, however it was."""


def _clear(options: Options, name: str) -> None:
    setting = options.get(name)
    if setting is not None and lower(setting.values[0]) == "none":
        options[name] = replace(setting, values=("none",))


def _empty(options: Options, name: str) -> None:
    """A list of ``none`` alone is empty."""
    setting = options.get(name)
    if setting is not None and lower(setting.text) == "none":
        options[name] = replace(setting, values=())


def _check(options: Options, nowhere: Location) -> None:
    """What sshd demands of the whole. Raises :class:`RefusedError`."""
    for keys in ("AuthorizedKeysCommand", "AuthorizedPrincipalsCommand"):
        command, user = options[keys.lower()], options[f"{keys}User".lower()]
        if lower(command.text) != "none" and not user.places:
            raise RefusedError([Problem(f"{keys} set without {keys}User", command.places[0])])
    methods = options["authenticationmethods"]
    if methods.values != ("any",) and not any(_is_enabled(one, options) for one in methods.values):
        message = "AuthenticationMethods cannot be satisfied by enabled authentication methods"
        raise RefusedError([Problem(message, methods.places[0] if methods.places else nowhere)])


def _is_enabled(methods: str, options: Options) -> bool:
    """Whether every method of a list is turned on."""
    switches = (METHODS[one.partition(":")[0]] for one in methods.split(","))
    return all(switch is None or (switch in options and options[switch].text == "yes") for switch in switches)


_COPIED = frozenset(
    {
        "passwordauthentication",
        "gssapiauthentication",
        "pubkeyauthentication",
        "pubkeyauthoptions",
        "kerberosauthentication",
        "hostbasedauthentication",
        "hostbasedusesnamefrompacketonly",
        "kbdinteractiveauthentication",
        "permitrootlogin",
        "permitemptypasswords",
        "ignorerhosts",
        "allowtcpforwarding",
        "allowstreamlocalforwarding",
        "allowagentforwarding",
        "disableforwarding",
        "exposeauthinfo",
        "permittunnel",
        "gatewayports",
        "streamlocalbindunlink",
        "x11displayoffset",
        "x11forwarding",
        "x11uselocalhost",
        "permittty",
        "permituserrc",
        "maxsessions",
        "maxauthtries",
        "clientalivecountmax",
        "clientaliveinterval",
        "ipqos",
        "rekeylimit",
        "rekeyinterval",
        "loglevel",
        "requiredrsasize",
        "unusedconnectiontimeout",
        "streamlocalbindmask",
        "banner",
        "trustedusercakeys",
        "revokedkeys",
        "authorizedkeyscommand",
        "authorizedkeyscommanduser",
        "authorizedprincipalsfile",
        "authorizedprincipalscommand",
        "authorizedprincipalscommanduser",
        "hostbasedacceptedalgorithms",
        "pubkeyacceptedalgorithms",
        "casignaturealgorithms",
        "authorizedkeysfile",
        "allowusers",
        "denyusers",
        "allowgroups",
        "denygroups",
        "acceptenv",
        "setenv",
        "authenticationmethods",
        "permitopen",
        "permitlisten",
        "channeltimeout",
        "logverbose",
        "forcecommand",
        "chrootdirectory",
    }
)
"""What a Match block can change; a list that it sets takes the place of the global one."""
