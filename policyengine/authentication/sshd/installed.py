"""Which sshd a root has: what the package manager's records say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.authentication.resolving import Text, text
from policyengine.authentication.sshd.build import Build
from policyengine.authentication.sshd.versions import parsed

if TYPE_CHECKING:
    from policyengine.authentication.files import Root

DPKG = "/var/lib/dpkg/status"
APK = "/lib/apk/db/installed"
MOST_BYTES = 64 * 1024 * 1024
"""What is read of the records: those of a large installation have 10 MB."""

_DPKG = r"^Package: {package}\n(?:.+\n)*?Version: (\S+)"
_APK = r"^P:{package}\n(?:.+\n)*?V:(\S+)|^V:(\S+)\n(?:.+\n)*?o:openssh\n"


def installed(root: Root, package: str = "openssh-server") -> Build | None:
    """The build of the sshd, or other package of OpenSSH, that is installed; None where no record of it is found."""
    if (version := _recorded(root, DPKG, _DPKG, package)) and (found := parsed(version)):
        return Build(found, "debian")
    if (version := _recorded(root, APK, _APK, package)) and (found := parsed(version)):
        return Build(found, "upstream")
    return None


def _recorded(root: Root, path: str, record: str, package: str) -> str | None:
    read = text(root, path, MOST_BYTES)
    pattern = re.compile(record.replace("{package}", package), re.MULTILINE)
    found = pattern.search(read.text) if isinstance(read, Text) else None
    return next(filter(None, found.groups()), None) if found else None
