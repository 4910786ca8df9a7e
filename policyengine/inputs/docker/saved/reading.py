"""Saved images as resources: each image, and what its files say."""

from __future__ import annotations

import stat
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING

from msgspec.structs import replace

from policyengine.errors import DocumentError, SourceError
from policyengine.inputs.authentication import tree
from policyengine.inputs.authentication.host_files import HostFiles
from policyengine.inputs.docker.image import image
from policyengine.inputs.docker.saved.answers import SavedAnswers
from policyengine.inputs.docker.saved.images import images, layers, root
from policyengine.inputs.docker.saved.stores import Archived, Unarchived
from policyengine.inputs.docker.saved.unpacking import Room, unpacked
from policyengine.inputs.docker.snapshot import Snapshot
from policyengine.model.location import Location
from policyengine.model.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.context import Context
    from policyengine.inputs.docker.saved.images import Saved
    from policyengine.inputs.docker.saved.stores import Store
    from policyengine.model.resource import Resource

SCHEME = "image"
OF_FILES = "host"
"""The origin of what files say: they are read in the same way, whoever has them."""

_MOST_TOLD = 5


def read_live(url: str, context: Context) -> Iterator[Resource]:
    """The resources of the images in a file or directory, ``image://PATH``. Raises :class:`SourceError`.

    An image of which a layer cannot be read is a problem of the context, and nothing is told of its files.
    """
    path = Path(url.removeprefix(f"{SCHEME}://"))
    with ExitStack() as stack:
        room = stack.enter_context(Room())
        try:
            store = _store(path, room, stack)
            found = list(images(store))
        except (DocumentError, SourceError) as error:
            raise SourceError(error.message, path=url, hint=error.hint) from None
        scope = Scope(SCHEME, path.name, url)
        for saved in found:
            where = url if len(found) == 1 else f"{url}#{saved.name}"
            snapshot = Snapshot(SavedAnswers(saved, where), scope, context)
            yield image(snapshot.images[0], snapshot)
            yield from resources_of_files(store, saved, scope, where, room, context)


def _store(path: Path, room: Room, stack: ExitStack) -> Store:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            unarchived = Unarchived(HostFiles(str(path.resolve())))
            stack.callback(unarchived.close)
            return unarchived
        if not stat.S_ISREG(mode):
            raise SourceError("neither a file nor a directory")
        return Archived(unpacked(stack.enter_context(path.open("rb")), room))
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}") from None


def resources_of_files(
    store: Store, saved: Saved, scope: Scope, where: str, room: Room, context: Context
) -> Iterator[Resource]:
    """What the files of an image say, of its layers on each other."""
    if not context.wants_any(tree.supplies()):
        return
    told = _Told(where, context)
    try:
        files = root(layers(store, saved, room, told), where)
    except SourceError as error:
        context.failed(SourceError(error.message, path=where, hint=error.hint))
        return
    finally:
        told.end()
    for resource in tree.resources(files, saved.name, scope, OF_FILES, context):
        yield replace(resource, parent=f"image/{saved.name}")


def exported(file: IO[bytes], scope: Scope, where: str, name: str, room: Room, context: Context) -> Iterator[Resource]:
    """What the files of an image say that an engine has handed out."""
    try:
        store = Archived(file)
        saved = next(images(store))
    except (DocumentError, SourceError) as error:
        context.failed(SourceError(error.message, path=where, hint=error.hint))
        return
    yield from resources_of_files(store, replace(saved, tags=(name,)), scope, where, room, context)


class _Told:
    """What is wrong with members of archives: the first few in full, the others counted."""

    def __init__(self, where: str, context: Context) -> None:
        self._where = Location(where)
        self._context = context
        self._count = 0

    def __call__(self, what: str) -> None:
        self._count += 1
        if self._count <= _MOST_TOLD:
            self._context.problem(what, self._where)

    def end(self) -> None:
        """Tell how many there were."""
        if self._count > _MOST_TOLD:
            self._context.problem(f"{self._count - _MOST_TOLD} more files like these", self._where)
