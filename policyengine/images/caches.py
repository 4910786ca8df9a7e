"""Whether a build step leaves what a package manager has fetched for itself: indexes, and packages once installed."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.images.calls import is_variable, program, read, replaced
from policyengine.images.managers import manager_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.images.calls import Arguments, Call
    from policyengine.images.managers import Manager

_RPM_CACHES = ("/var/cache/yum", "/var/cache/dnf", "/var/cache/libdnf5", "/var/cache/tdnf")
_CACHES: Mapping[str, tuple[str, ...]] = {
    "apt": ("/var/lib/apt/lists",),
    "apk": ("/var/cache/apk", "/etc/apk/cache"),
    "yum": _RPM_CACHES,
    "dnf": _RPM_CACHES,
    "zypper": ("/var/cache/zypp",),
    "pacman": ("/var/cache/pacman",),
}
"""The directories of the managers of whole systems; those of languages are in the user's home, wherever it is."""

_HOME_CACHES = {"pip": ("cache", "pip"), "yarn": ("cache", "yarn"), "npm": ("cache", "npm"), "pnpm": ("cache", "pnpm")}
"""What paths of the caches of languages' managers have in them."""

_FALSE = frozenset(("0", "false", "no", "off", "n", "f", ""))
_BRACES = re.compile(r"([^{},]*)\{([^{}]*)\}([^{}]*)").fullmatch
_EXPANDING = frozenset(("bash", "ksh", "mksh", "zsh"))
"""Shells that expand braces."""
_GLOB = re.compile(r"[^/]*\*[^/]*").fullmatch


class Removal(Struct, frozen=True):
    """What the calls of a step remove, each with the number of its call.

    ``emptied`` are the programs by which managers empty their own caches; ``paths`` are those that are removed, and
    ``braced`` those only where the shell expands ``{a,b}``, which bash does, and dash and busybox do not.
    """

    emptied: tuple[tuple[int, str], ...]
    paths: tuple[tuple[int, str], ...]
    braced: tuple[tuple[int, str], ...]


def removal(calls: Sequence[Call], known: Mapping[str, str], shell: str) -> Removal:
    """What the calls of a step remove; ``known`` are the variables with known values."""
    emptied = tuple((at, name) for at, call in enumerate(calls) if (name := _emptying(call, known)))
    paths: list[tuple[int, str]] = []
    braced: list[tuple[int, str]] = []
    for at, path in _removed(calls, known):
        expanded = list(_braces(path))
        expands = _EXPANDING.intersection((shell, *calls[at].through))
        (paths if expands or expanded == [path] else braced).extend((at, one) for one in expanded)
    return Removal(emptied, tuple(paths), tuple(braced))


class Cleaning(Struct, frozen=True):
    """A command of a manager, and what is removed in the same step.

    ``at`` is the command's number among the calls; ``known`` are the variables at the command; ``mounts`` the targets
    of mounts that are no part of the image.
    """

    manager: Manager
    program: str
    arguments: Arguments
    removal: Removal
    at: int
    known: Mapping[str, str]
    mounts: tuple[str, ...]


def has_cache(manager: str, action: str) -> bool:
    """Whether a command of a manager leaves something in a cache that is known here.

    apt's is the index: in the images of Debian and Ubuntu the packages themselves are not kept.
    """
    if manager == "apt":
        return action == "update"
    return action in ("install", "update", "upgrade", "dist-upgrade") and (
        manager in _CACHES or manager in _HOME_CACHES
    )


def cache_is_kept(step: Cleaning) -> bool | None:
    """Whether the manager's cache stays in the image; None where a variable decides what is removed."""
    if _none_is_made(step) or _mounted(step):
        return False
    if any(at > step.at and _same_cache(name, step) for at, name in step.removal.emptied):
        return False
    # Where apt and apk are, sh is dash or busybox; where yum and zypper are it is bash.
    braced = () if step.manager.name in ("apt", "apk") else step.removal.braced
    removed = [path for at, path in (*step.removal.paths, *braced) if at > step.at]
    if any(_is_cache(path, step.manager.name) for path in removed):
        return False
    return None if any(is_variable(path) for path in removed) else True


def _none_is_made(step: Cleaning) -> bool:
    name, arguments, known = step.manager.name, step.arguments, step.known
    if name == "apk":
        return arguments.has("no-cache", "no-network")
    if name == "pip":
        switched = known.get("PIP_NO_CACHE_DIR")
        given = next(arguments.values("no-cache-dir"), None)
        if given is not None:
            return given.lower() not in _FALSE
        return arguments.has("no-cache-dir") or (switched is not None and switched.lower() not in _FALSE)
    return name == "yarn" and arguments.has("version", "v", "help", "h")


def _mounted(step: Cleaning) -> bool:
    """Whether the cache is a mount: ``RUN --mount=type=cache,target=/var/cache/apk``."""
    name = step.manager.name
    own = {path for key in ("PIP_CACHE_DIR", "YARN_CACHE_FOLDER") if (path := step.known.get(key))}
    own.update(step.arguments.values("cache-dir", "cache-folder"))
    parts = _HOME_CACHES.get(name, ())
    for mount in step.mounts:
        target = mount.rstrip("/")
        if target in own or _covers(target, _CACHES.get(name, ())):
            return True
        if parts and (target == "/root" or any(part in target for part in parts)):
            return True
    return False


def _emptying(call: Call, known: Mapping[str, str]) -> str | None:
    """The program by which a call empties the cache of a manager."""
    name, args, _ = program(call)
    manager = manager_of(name)
    if manager is None:
        return None
    arguments = read(replaced(args, known), manager.valued)
    words = [arg.text for arg in arguments.operands]
    if manager.name == "pacman":
        emptied = arguments.has("c", "clean")
    elif manager.name == "apt":
        emptied = words[:1] in (["distclean"], ["dist-clean"])
    elif manager.name in _HOME_CACHES:
        emptied = words[:1] == ["cache"] and bool({"purge", "clean"}.intersection(words[1:]))
    else:
        emptied = bool(words) and manager.actions.get(words[0]) == "clean"
    return name if emptied else None


def _same_cache(name: str, step: Cleaning) -> bool:
    """Whether a program keeps its cache where a command's is: dnf has taken the place of yum; microdnf has its own."""
    together = ("yum", "dnf", "dnf5", "dnf-3")
    if step.program in together:
        return name in together
    manager = manager_of(name)
    return manager is step.manager and (manager.name != "dnf" or name == step.program)


def _removed(calls: Sequence[Call], known: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """The paths that calls remove, from the directory that ``cd`` leads to."""
    directory = ""
    for number, call in enumerate(calls):
        if call.name == "cd" and call.args:
            directory = _join(directory, call.args[-1])
        elif call.name in ("rm", "unlink", "rmdir"):
            for arg in replaced(call.args, known):
                if not arg.text.startswith("-"):
                    yield number, _join(directory, arg.text)
        elif call.name == "find" and {"-delete", "-exec"}.intersection(call.args):
            for path in takewhile(lambda word: not word.startswith(("-", "(", "!")), call.args):
                yield number, _join(directory, path)


def _join(directory: str, path: str) -> str:
    return path if path.startswith(("/", "~", "$")) or not directory else f"{directory.rstrip('/')}/{path}"


def _braces(path: str) -> Iterator[str]:
    """The paths that the shell makes of ``/var/{cache,log}``."""
    match = _BRACES(path)
    if match is None or "," not in match[2] or match[1].endswith("$"):
        yield path
        return
    yield from (f"{match[1]}{middle}{match[3]}" for middle in match[2].split(","))


def _is_cache(path: str, manager: str) -> bool:
    parts = _HOME_CACHES.get(manager)
    if parts:
        return any(part in path for part in parts)
    return _covers(path, _CACHES.get(manager, ()))


def _covers(path: str, directories: Sequence[str]) -> bool:
    """Whether what is removed, or mounted, is one of the directories, one above it, or all that is in it."""
    path = path.replace("//", "/").rstrip("/")
    while path.endswith(("/*", "/.")):
        path = path.removesuffix("/*").removesuffix("/.").rstrip("/")
    for directory in directories:
        if path == directory or directory.startswith(f"{path}/"):
            return True
        if path.startswith(f"{directory}/") and _GLOB(path.removeprefix(f"{directory}/")):
            return True
    return False
