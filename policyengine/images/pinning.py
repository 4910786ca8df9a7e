"""Which of the packages that a package manager is told to install may come in any version.

The rules are those of hadolint's DL3008, DL3013, DL3016, DL3018, DL3028, DL3033, DL3037, DL3041 and DL3062, stricter
where a tag such as ``latest`` stands for a version. https://github.com/hadolint/hadolint/wiki
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.images.calls import Arguments, is_variable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ARCHIVE = (".whl", ".tar.gz", ".tar.bz2", ".tar.xz", ".zip", ".tgz", ".tar", ".deb", ".rpm", ".apk", ".gem", ".egg")
_LOCAL = ("./", "../", "/", "~", "file:", ".\\")
_URL = re.compile(r"(?:[a-z][a-z0-9+.-]*)://", re.IGNORECASE).match
_GIT = re.compile(
    r"(?:git(?:\+[a-z]+)?://|git@|[a-z]+\+|ssh://|(?:github|gitlab|bitbucket|gist):)|.*\.git(?:[#@].*)?$"
).match
_SPECIFIER = re.compile(r"[=<>~!]")
_RPM_VERSION = re.compile(r".+-(?:[0-9][^-]*|\$(?:\w+|\{[^{}]*\}|\([^()]*\))[^-]*)").fullmatch
_FLOATING = frozenset(("latest", "upgrade", "patch", "main", "master", "head", "next", "none"))


def unpinned(manager: str, arguments: Arguments, packages: list[str], kind: str | None) -> tuple[list[str], bool]:
    """The packages without a version, and whether a variable that is not known names some.

    ``kind`` is the word between the manager and its command: ``module`` in ``dnf module install``.
    """
    fixed = _FIXED.get(manager)
    if fixed is None or _all_fixed(manager, arguments, kind):
        return [], False
    found = [package for package in packages if not is_variable(package) and not _given(package)]
    if manager in ("yum", "dnf") and kind == "module":
        return [package for package in found if ":" not in package], False
    return [package for package in found if not fixed(package)], any(map(is_variable, packages))


def _all_fixed(manager: str, arguments: Arguments, kind: str | None) -> bool:
    """Whether something else says which versions are installed, or what is named has none."""
    if manager == "pip":
        return arguments.has("c", "constraint")
    if manager == "gem":
        return arguments.has("v", "version")
    if manager == "zypper":
        return any(value != "package" for value in arguments.values("t", "type"))
    return manager in ("yum", "dnf") and kind in ("group", "groups")


def _given(package: str) -> bool:
    """Whether a package is a file, or fetched from an address of its own, which repositories are not asked for."""
    if package == "." or package.startswith((*_LOCAL, ".[", "..")):
        return True
    return package.lower().endswith(_ARCHIVE) or bool(_URL(package) and not _GIT(package))


def _has_digit(version: str) -> bool:
    return "$" in version or any(char.isdigit() for char in version)


def _apt(package: str) -> bool:
    # name/release chooses the release, as hadolint has it; name- removes.
    return "=" in package or "/" in package or package.endswith("-")


def _apk(package: str) -> bool:
    return _SPECIFIER.search(package) is not None


def _pip(package: str) -> bool:
    name, at, reference = package.partition(" @ ")
    if at:
        return _given(reference) or _pip(reference)
    if _GIT(name):
        return "@" in name.partition("://")[2].partition("/")[2]
    return _SPECIFIER.search(name) is not None


def _node(package: str) -> bool:
    if _GIT(package) or (package.count("/") == 1 and not package.startswith("@")):
        return "#" in package
    _, at, version = package[1:].partition("@")
    return bool(at) and version.lower() not in _FLOATING and _has_digit(version)


def _gem(package: str) -> bool:
    return ":" in package


def _go(package: str) -> bool:
    path, at, version = package.partition("@")
    if "." not in path.partition("/")[0]:
        return True  # a part of Go, or of the module that is built
    return bool(at) and version.lower() not in _FLOATING


def _rpm(package: str) -> bool:
    # name-version and name-version-release; java-11-openjdk is a name. A path is a file that some package has.
    if package.startswith(("@", "/")):
        return True
    return _SPECIFIER.search(package) is not None or _RPM_VERSION(package) is not None


def _zypper(package: str) -> bool:
    return _SPECIFIER.search(package) is not None


_FIXED: Mapping[str, Callable[[str], bool]] = {
    "apt": _apt,
    "apk": _apk,
    "pip": _pip,
    "npm": _node,
    "pnpm": _node,
    "yarn": _node,
    "gem": _gem,
    "go": _go,
    "yum": _rpm,
    "dnf": _rpm,
    "zypper": _zypper,
}
