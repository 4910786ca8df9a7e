"""Files that everybody has: those of packages that were published. What looks like a secret in them is none.

Tests of libraries bring private keys, and their documentation examples of tokens.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.authentication.resolving import Text, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.authentication.files import Root

_OF_PACKAGES = re.compile(
    r"""(?x)
    (?: .*/ (?: node_modules | site-packages | dist-packages | bower_components
          | \.cargo/registry | \.rustup | go/pkg/mod | \.m2/repository | \.ivy2 | \.gradle/(?:caches|wrapper)
          | gems | \.npm/_cacache | \.cache/(?:pip|yarn|go-build|uv) | \.nuget/packages | vendor/bundle ) /
      | /usr/(?:include | share/(?:doc|man|info|locale|perl5?|zoneinfo) | lib/(?:python3?[\d.]*|ruby|perl5?
          |go[\d.-]*|jvm|node_modules|gcc|debug|firmware|modules) | local/(?:go|lib/(?:python[\d.]+|ruby|perl5?
          |node_modules|erlang)
          | include | share/(?:doc|man|perl5?|ri)) | src/(?:linux|python|wordpress|php|kernels)[^/]* )/
      | /opt/(?:yarn-v[\d.]+ | java | jdk[^/]* | conda/pkgs | (?:mini)?conda3?/(?:pkgs|lib|share)) /
    ).* """,
    re.DOTALL,
).fullmatch
"""Directories of package managers, of languages' own libraries, and of documentation."""

_DPKG = "/var/lib/dpkg/info"
_DISTROLESS = "/var/lib/dpkg/status.d"
_APK = ("/lib/apk/db/installed", "/usr/lib/apk/db/installed")
_RPM = ("/var/lib/rpm", "/usr/lib/sysimage/rpm")
_OF_RPM = re.compile(r"/usr/(?:share|lib|lib64|libexec|bin|sbin|src)/.*", re.DOTALL).fullmatch
_MERGED = re.compile(r"/usr(?=/(?:bin|sbin|lib|lib32|lib64|libx32)/)").sub
_CHANGED = ("/etc/", "/root/", "/home/", "/srv/", "/tmp/", "/run/")  # noqa: S108 - names in an image
"""Where files are changed after their package was installed, and where they are put by hand."""

_MOST_LIST = 8 << 20
"""Bytes of a list of files: linux-headers has 1 MB of it."""


class Published:
    """The files of a root that packages brought, as its package managers tell; of RPM's only by where they lie."""

    def __init__(self, root: Root) -> None:
        self._owned = frozenset(map(_plain, _owned(root)))
        self._rpm = any(root.entry(path) is not None for path in _RPM)

    def has(self, path: str) -> bool:
        """Whether a file is one that everybody has."""
        if _OF_PACKAGES(path):
            return True
        if path.startswith(_CHANGED):
            return False
        return _plain(path) in self._owned or (self._rpm and _OF_RPM(path) is not None)


def _plain(path: str) -> str:
    """A path as it was before /bin and /lib were put into /usr: lists of files say either."""
    return _MERGED("", path)


def _owned(root: Root) -> Iterator[str]:
    for name in _names(root, _DPKG, ".list"):
        yield from _text(root, f"{_DPKG}/{name}").splitlines()
    for name in _names(root, _DISTROLESS, ".md5sums"):
        yield from (f"/{line.partition('  ')[2]}" for line in _text(root, f"{_DISTROLESS}/{name}").splitlines())
    for path in _APK:
        yield from _of_apk(_text(root, path))


def _names(root: Root, directory: str, ending: str) -> list[str]:
    found = root.names(directory)
    return [name for name in found if name.endswith(ending)] if isinstance(found, tuple) else []


def _text(root: Root, path: str) -> str:
    found = text(root, path, _MOST_LIST)
    return found.text if isinstance(found, Text) else ""


def _of_apk(text: str) -> Iterator[str]:
    """The files of apk's database: ``F:DIRECTORY`` and below it ``R:NAME``."""
    directory = ""
    for line in text.splitlines():
        if line.startswith("F:"):
            directory = line[2:]
        elif line.startswith("R:"):
            yield f"/{directory}/{line[2:]}"
