"""How a distribution builds sudo: its version, and the defaults that it compiles in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec import Struct

from policyengine.authentication.resolving import Text, text

if TYPE_CHECKING:
    from policyengine.authentication.files import Root
    from policyengine.authentication.sudoers.options import Value


class Version(NamedTuple):
    """A version of sudo: 1.9.13."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


ASSUMED = Version(1, 9, 13)
"""What is taken where the version is not known: that of Debian 12, whose behaviour was compared in full."""

ALWAYS_PTY = Version(1, 9, 14)
"""Since then commands run in a terminal of their own where nothing else is set."""

Vendor = Literal["debian", "upstream"]


class Build(Struct, frozen=True):
    """One sudo: its version, and whose. ``assumed``: nothing tells which one it is."""

    version: Version = ASSUMED
    vendor: Vendor = "debian"
    assumed: bool = False

    @property
    def name(self) -> str:
        """``sudo 1.9.13 (Debian)``."""
        return f"sudo {self.version}" + (" (Debian)" if self.vendor == "debian" else "")


DPKG = "/var/lib/dpkg/status"
APK = "/lib/apk/db/installed"
MOST_BYTES = 64 * 1024 * 1024
"""What is read of a package manager's records: those of a large installation have 10 MB."""

_DPKG = re.compile(r"^Package: sudo(?:-ldap)?\n(?:.+\n)*?Version: (\S+)", re.MULTILINE)
_APK = re.compile(r"^P:sudo\n(?:.+\n)*?V:(\S+)", re.MULTILINE)
_VERSION = re.compile(r"(?:[0-9]+:)?([0-9]{1,4})\.([0-9]{1,4})(?:\.([0-9]{1,4}))?")


def installed(root: Root) -> Build | None:
    """The build of the sudo that is installed, None where no record of it is found."""
    for path, record, vendor in _RECORDS:
        read = text(root, path, MOST_BYTES)
        found = record.search(read.text) if isinstance(read, Text) else None
        if found and (version := _VERSION.match(found[1])):
            return Build(Version(*(int(part or 0) for part in version.groups())), vendor)
    return None


_RECORDS: tuple[tuple[str, re.Pattern[str], Vendor], ...] = ((DPKG, _DPKG, "debian"), (APK, _APK, "upstream"))

_FALSE = """
always_set_home closefrom_override fast_glob ignore_dot insults intercept log_input log_output log_subcmds
mail_all_cmnds mail_always mail_badpass mail_no_host mail_no_perms match_group_by_gid noexec preserve_groups pwfeedback
requiretty rootpw runas_allow_unknown_id runas_check_shell runaspw setenv sudoedit_follow targetpw umask_override
user_command_timeouts visiblepw
"""
_TRUE = "authenticate env_reset log_allowed log_denied mail_no_user root_sudo sudoedit_checkdir use_netgroups"


def defaults(build: Build) -> dict[str, Value]:
    """The values of options that nothing sets: those of sudoers(5), as the vendor compiles them in."""
    debian = build.vendor == "debian"
    return {
        **dict.fromkeys(_FALSE.split(), False),
        **dict.fromkeys(_TRUE.split(), True),
        "use_pty": build.version >= ALWAYS_PTY,
        "timestamp_timeout": 15.0 if debian else 5.0,
        "passwd_timeout": 0.0 if debian else 5.0,
        "passwd_tries": 3,
        "umask": 0o022,
        "syslog": "authpriv",
        "runas_default": "root",
        "mailto": "root",
        "timestamp_type": "tty",
        "lecture": "once",
        "listpw": "any",
        "verifypw": "all",
        "env_keep": (),
    }
