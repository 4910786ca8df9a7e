"""Package managers: how each is called, what its commands do, and which of its options take a value."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping

_PIP = re.compile(r"pip[0-9.]*").fullmatch
_NO_COMMANDS: Mapping[str, str] = MappingProxyType({})


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _actions(**by_action: str) -> Mapping[str, str]:
    """From each word to its action: ``install="install in"``."""
    return {word: action.replace("_", "-") for action, words in by_action.items() for word in words.split()}


class Manager(Struct, frozen=True):
    """A package manager.

    ``actions`` are its commands by word, in the model's vocabulary; ``nested`` those of two words (``yum module
    install``). ``valued`` are options with a value; ``yes`` those that answer every question, and ``settings`` the
    same as settings (``-o APT::Get::Assume-Yes=true``), by the option that takes them; ``unverified`` and
    ``unverified_settings`` those that take what nobody signed. ``asks``: it asks before it installs.
    """

    name: str
    actions: Mapping[str, str]
    valued: frozenset[str]
    nested: frozenset[str] = frozenset()
    asks: bool = False
    yes: frozenset[str] = frozenset()
    setting: frozenset[str] = frozenset()
    yes_settings: frozenset[str] = frozenset()
    unverified: frozenset[str] = frozenset()
    unverified_settings: Mapping[str, bool] = field(default_factory=dict)
    long_dash: bool = False


_RPM_ACTIONS = _actions(
    install="install in reinstall rei localinstall groupinstall downgrade",
    upgrade="update up upgrade update-minimal upgrade-minimal groupupdate",
    dist_upgrade="distro-sync distrosync dsync distribution-synchronization",
    update="makecache mc check-update",
    remove="remove rm erase autoremove groupremove",
    clean="clean",
)
_RPM_VALUED = _words(
    "setopt enablerepo disablerepo repo repoid installroot releasever c config exclude x forcearch comment destdir "
    "downloaddir advisory d e R randomwait rpmverbosity errorlevel debuglevel disableplugin enableplugin cve"
)


def _rpm_family(name: str) -> Manager:
    return Manager(
        name,
        _RPM_ACTIONS,
        _RPM_VALUED,
        nested=_words("module group groups"),
        asks=True,
        yes=_words("y assumeyes"),
        setting=_words("setopt"),
        yes_settings=_words("assumeyes"),
        unverified=_words("nogpgcheck no-gpgchecks"),
        unverified_settings={"gpgcheck": False},
    )


_APT = Manager(
    "apt",
    _actions(
        install="install reinstall build-dep satisfy",
        update="update",
        upgrade="upgrade safe-upgrade",
        dist_upgrade="dist-upgrade full-upgrade",
        remove="remove purge autoremove autopurge",
        clean="clean distclean dist-clean autoclean auto-clean",
    ),
    _words("t target-release default-release o option c config-file a host-architecture P build-profiles"),
    asks=True,
    yes=_words("y yes assume-yes"),
    setting=_words("o option"),
    yes_settings=_words("apt::get::assume-yes"),
    unverified=_words("allow-unauthenticated force-yes allow-insecure-repositories allow-weak-repositories"),
    unverified_settings={
        "apt::get::allowunauthenticated": True,
        "apt::get::force-yes": True,
        "acquire::allowinsecurerepositories": True,
        "aptitude::cmdline::ignore-trust-violations": True,
    },
)
_APK = Manager(
    "apk",
    _actions(install="add", update="update", upgrade="upgrade", remove="del", clean="cache"),
    _words(
        "X repository t virtual p root arch keys-dir repositories-file cache-dir wait cache-max-age progress-fd timeout"
    ),
    unverified=_words("allow-untrusted"),
)
_PIP_ = Manager(
    "pip",
    _actions(install="install", remove="uninstall"),
    _words(
        "r requirement c constraint e editable t target i index-url extra-index-url f find-links trusted-host "
        "cache-dir prefix root b build src timeout default-timeout retries proxy cert client-cert platform "
        "python-version implementation abi no-binary only-binary upgrade-strategy progress-bar log exists-action "
        "install-option global-option C config-settings report use-feature use-deprecated python hash "
        "root-user-action keyring-provider group"
    ),
)
_NODE_VALUED = _words(
    "registry prefix C dir cache loglevel omit include only tag scope otp w workspace F filter install-strategy "
    "userconfig globalconfig before cafile python depth fetch-retries fetch-timeout network-timeout "
    "network-concurrency mutex cwd cache-folder modules-folder global-folder maxsockets node-linker store-dir "
    "target_arch target_platform target_libc reporter"
)
_NPM = Manager(
    "npm",
    _actions(
        install="install i in ins inst insta instal isnt isnta isntal add ci clean-install ic install-clean isntall",
        upgrade="update up upgrade udpate",
        remove="uninstall un unlink remove rm r",
    ),
    _NODE_VALUED,
)
_PNPM = Manager(
    "pnpm", _actions(install="install i add", upgrade="update up upgrade", remove="remove rm"), _NODE_VALUED
)
_YARN = Manager(
    "yarn",
    _actions(install="install add", upgrade="upgrade up", remove="remove", clean="clean"),
    _NODE_VALUED,
    nested=_words("global cache"),
)
_GEM = Manager(
    "gem",
    _actions(install="install i", upgrade="update", remove="uninstall"),
    _words("v version i install-dir n bindir s source P trust-policy p http-proxy platform g file build-root"),
)
_GO = Manager(
    "go",
    _actions(install="install get"),
    _words(
        "C asmflags buildmode buildvcs compiler covermode coverpkg gccgoflags gcflags installsuffix ldflags mod "
        "modfile o overlay p pgo pkgdir tags toolexec"
    ),
    long_dash=True,
)
_ZYPPER = Manager(
    "zypper",
    _actions(
        install="install in source-install si",
        update="refresh ref refresh-services refs",
        upgrade="update up patch",
        dist_upgrade="dist-upgrade dup",
        remove="remove rm",
        clean="clean cc",
    ),
    _words(
        "R root installroot D reposd-dir c config cache-dir pkg-cache-dir raw-cache-dir solv-cache-dir p plus-repo "
        "plus-content t type r repo from download releasever"
    ),
    asks=True,
    yes=_words("n non-interactive y no-confirm"),
    unverified=_words("no-gpg-checks allow-unsigned-rpm"),
)
_PACMAN = Manager(
    "pacman",
    _NO_COMMANDS,
    _words("r root b dbpath cachedir config arch gpgdir hookdir logfile ignore ignoregroup overwrite assume-installed"),
)
_RPM = Manager(
    "rpm",
    _NO_COMMANDS,
    _words("root dbpath D define E eval prefix relocate excludepath rcfile macros"),
    unverified=_words("nosignature nodigest noverify nofiledigest nogpg"),
)

_BY_PROGRAM: Mapping[str, Manager] = {
    **dict.fromkeys(("apt-get", "apt", "aptitude"), _APT),
    "apk": _APK,
    "npm": _NPM,
    "pnpm": _PNPM,
    **dict.fromkeys(("yarn", "yarnpkg"), _YARN),
    "gem": _GEM,
    "go": _GO,
    "yum": _rpm_family("yum"),
    **dict.fromkeys(("dnf", "dnf5", "dnf-3", "microdnf", "tdnf"), _rpm_family("dnf")),
    "zypper": _ZYPPER,
    "pacman": _PACMAN,
    "rpm": _RPM,
}

SYSTEM = ("apk", "apt", "dnf", "pacman", "rpm", "yum", "zypper")
"""The managers of whole Linux systems, which there are none of on Windows."""
SYSTEM_PROGRAMS = tuple(name for name, manager in _BY_PROGRAM.items() if manager.name in SYSTEM)
"""The programs that these are."""


def manager_of(program: str) -> Manager | None:
    """The manager that a program is, by its name without a directory."""
    return _PIP_ if _PIP(program) else _BY_PROGRAM.get(program)
