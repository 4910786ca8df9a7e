"""Paths, texts and globs of a root. Symlinks are followed inside the root only."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication import wildcards
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from policyengine.authentication.files import Entry, Root

MOST_LINKS = 40
"""Linux follows so many symlinks in one path and no more: path_resolution(7)."""

MOST_BYTES = 1 << 20
"""What is read of one file. No configuration that a person wrote is longer."""


class Text(Struct, frozen=True):
    """A file that has been read: its path in the root with all symlinks followed, and what a report calls it."""

    path: str
    where: str
    text: str


def resolved(root: Root, path: str, *, last: bool = True) -> str | Unknown | None:
    """The path with every symlink followed, those of its last component unless ``last`` is False.

    An absolute target starts at the root, and ``..`` never leaves it. None where a component is not there, or is not
    a directory though there is more of the path; Unknown where one cannot be read, and for more than 40 symlinks.
    """
    done, links = "/", 0
    waiting = _components(path)
    while waiting:
        name = waiting.pop()
        if name == "..":
            done = posixpath.dirname(done)
            continue
        at = posixpath.join(done, name)
        found = _passed(root, at) if waiting else root.entry(at)
        if found is None or isinstance(found, Unknown):
            return found
        if found.kind == "symlink" and (waiting or last):
            links += 1
            if links > MOST_LINKS:
                return Unknown(path, f"{root.where(path)}: more than {MOST_LINKS} symbolic links")
            done = "/" if found.target.startswith("/") else done
            waiting += _components(found.target)
        elif waiting and found.kind != "directory":
            return None
        else:
            done = at
    return done


def _passed(root: Root, path: str) -> Entry | Unknown | None:
    """What lies on the way to something. Some roots tell sooner where it leads than whose it is."""
    passed: Callable[[str], Entry | Unknown | None] = getattr(root, "passed", root.entry)
    return passed(path)


def _components(path: str) -> list[str]:
    """The names of a path, its first at the end of the list."""
    return [name for name in reversed(path.split("/")) if name not in ("", ".")]


def entry(root: Root, path: str) -> Entry | Unknown | None:
    """What stat(2) says of a path: of what its symlinks lead to."""
    at = resolved(root, path)
    return root.entry(at) if isinstance(at, str) else at


def text(root: Root, path: str, limit: int = MOST_BYTES) -> Text | Unknown | None:
    """A regular file's text, as UTF-8 whose other bytes are surrogates. What is no regular file is Unknown."""
    at = resolved(root, path)
    if not isinstance(at, str):
        return at
    found = root.entry(at)
    if found is None or isinstance(found, Unknown):
        return found
    if found.kind != "file":
        kind = "a special file (FIFO, socket or device)" if found.kind == "special" else f"a {found.kind}"
        return Unknown(path, f"{root.where(path)} is {kind} and no regular file")
    data = root.content(at, limit)
    return Text(at, root.where(at), data.decode("utf-8", "surrogateescape")) if isinstance(data, bytes) else data


def glob(root: Root, pattern: str) -> tuple[str, ...] | Unknown:
    """The paths that an absolute pattern matches, as glob(3) without flags gives them: in the order of their bytes.

    A name whose symlink leads nowhere is matched too. Unknown where a directory that counts cannot be listed.
    """
    found = [""]
    *directories, name = pattern.lstrip("/").split("/")
    for part in directories:
        further: list[str] = []
        for at in found if part else ():
            matched = _matching(root, at, part)
            if isinstance(matched, Unknown):
                return matched
            further += matched
        found = further if part else found
    paths: list[str] = []
    for at in found:
        matched = _matching(root, at, name) if name else [f"{at}/"]
        if isinstance(matched, Unknown):
            return matched
        paths += matched
    return tuple(sorted(paths, key=lambda path: path.encode("utf-8", "surrogateescape")))


def not_given(root: Root, pattern: str) -> Unknown | None:
    """Why a pattern that matches nothing may match something all the same; None where all of the root is seen.

    Of a file that was given by itself it is only known what lies beside it.
    """
    given: Callable[[str], Unknown | None] | None = getattr(root, "not_given", None)
    if given is None:
        return None
    *directories, _ = pattern.split("/")
    wild = next((at for at, part in enumerate(directories) if wildcards.is_wild(part)), len(directories))
    return given("/".join(map(wildcards.unescaped, directories[:wild])))


def texts(root: Root, patterns: Iterable[str]) -> Iterator[Text | Unknown]:
    """The texts of the files that patterns of glob(7) match; after a directory that cannot be listed there are none."""
    for pattern in patterns:
        paths = glob(root, pattern)
        if isinstance(paths, Unknown):
            yield paths
            return
        yield from filter(None, (text(root, path) for path in paths))


def _matching(root: Root, directory: str, pattern: str) -> list[str] | Unknown:
    """The paths below a directory that a pattern of one component matches."""
    if not wildcards.is_wild(pattern):
        path = f"{directory}/{wildcards.unescaped(pattern)}"
        there = resolved(root, path, last=False)
        return there if isinstance(there, Unknown) else [path] if there is not None else []
    at = resolved(root, directory or "/")
    names = root.names(at) if isinstance(at, str) else at
    if names is None or isinstance(names, Unknown):
        return names or []
    matches = wildcards.matcher(pattern)
    return [f"{directory}/{name}" for name in (".", "..", *names) if matches(name)]
