"""The services of a root, and their stacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.pam.loading import (
    CONF,
    DEFAULT,
    AbortedError,
    File,
    Loader,
    Source,
    UnreadableError,
)
from policyengine.model.unknown import OpenList, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.authentication.files import Root
    from policyengine.authentication.pam.entries import Stack, Task


MOST_SERVICES = 500
"""So many services are looked at. A host with all that Debian has in one has some hundred."""


class Service(Struct, frozen=True):
    """A service by its name, its file, and what reports call that.

    ``stacks`` are Unknown where a file of theirs cannot be read, and
    None where libpam gives its file up: nobody gets in by it.
    """

    name: str
    file: str
    where: str
    stacks: Mapping[Task, Stack] | Unknown | None


class Configuration(Struct, frozen=True):
    """All services of a root, open where some may not be known; the texts of the files by what reports call them."""

    services: list[Service]
    unknown: Unknown | None
    texts: Mapping[str, str]

    def opened(self, items: list[object]) -> list[object]:
        """A list of what services have, which is open where not all of them are known."""
        unknown = self.unknown or next((one.stacks for one in self.services if isinstance(one.stacks, Unknown)), None)
        return items if unknown is None else OpenList(items, unknown)


def configuration(root: Root) -> Configuration | Unknown | None:
    """What a root's files say; None where there is no configuration of PAM, Unknown where nothing of it is known.

    A file that others include is taken for a service as well, as libpam takes every name: it stands for those that
    include it, also where these are of another machine.
    """
    source = Source(root)
    directories = source.directories()
    if isinstance(directories, Unknown):
        return directories
    try:
        names, unknown = _names(source, directories)
        found = [_service(source, name, file, shared=not directories) for name, file in names]
    except UnreadableError as error:
        return error.unknown
    return Configuration(found, unknown, source.texts) if found or directories else None


def _names(source: Source, directories: tuple[str, ...]) -> tuple[list[tuple[str, File | Unknown]], Unknown | None]:
    """The services' names and files, and what may be missing."""
    if not directories:
        file = source.file(CONF)
        return ([] if file is None else [(name, file) for name in _shared(file)]), None
    names: set[str] = set()
    unknown: Unknown | None = None
    for directory in directories:
        listed = source.names(directory)
        unknown = listed if isinstance(listed, Unknown) else unknown
        names.update(() if isinstance(listed, Unknown) else listed)
    kept = sorted(names)[:MOST_SERVICES]
    if len(kept) < len(names):
        unknown = Unknown("pam.services", f"there are {len(names)}, of which the first {MOST_SERVICES} are looked at")
    return list(_files(source, kept)), unknown


def _files(source: Source, names: list[str]) -> Iterator[tuple[str, File | Unknown]]:
    for name in names:
        try:
            file = source.named(name)
        except UnreadableError as error:
            yield name, error.unknown
        else:
            if file is not None:
                yield name, file


def _shared(file: File) -> list[str]:
    """The services that a file names in which all have their lines."""
    return sorted({words[0].text.lower() for line in file.lines.lines if (words := line.words())})


def _service(source: Source, name: str, file: File | Unknown, *, shared: bool) -> Service:
    if isinstance(file, Unknown):
        return Service(name, "", name, file)
    try:
        stacks = Loader(source, name).loaded(file, shared=shared)
    except UnreadableError as error:
        return Service(name, file.path, file.where, error.unknown)
    except AbortedError:
        return Service(name, file.path, file.where, None)
    return Service(name, file.path, file.where, stacks)


def stack(service: Service, task: Task, default: Service | None) -> Stack:
    """The stack that libpam runs for a service: that of ``other`` where it has none of its own."""
    own = _stack(service, task)
    return own or (_stack(default, task) if default is not None and service.name != DEFAULT else ())


def _stack(service: Service, task: Task) -> Stack:
    return () if service.stacks is None or isinstance(service.stacks, Unknown) else service.stacks[task]
