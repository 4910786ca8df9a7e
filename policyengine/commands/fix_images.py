"""The references that files are to have, so that they name the images that policies want: registries are asked."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from policyengine.commands.asking import violated
from policyengine.errors import EditError, RemedyError, SourceError
from policyengine.images.reference import parse
from policyengine.remediation.changes import SetField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.model.resource import Resource
    from policyengine.policy.image_strategy import ImageStrategy
    from policyengine.remediation.images.asking import Asking
    from policyengine.settings import Settings

REGISTRY = "registry"
"""What ``--resolve`` calls the registries of images."""


class ImageFixes:
    """Chooses images for references in files, each once. Registries are asked only where the settings have it so."""

    def __init__(self, settings: Settings) -> None:
        self.asks = REGISTRY in settings.resolve
        self._settings = settings
        self._opened = ExitStack()
        self._asking: Asking | None = None
        self._known: dict[tuple[object, ...], str | EditError] = {}
        self._silent: dict[str, EditError] = {}

    def __enter__(self) -> ImageFixes:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def change(self, strategies: Mapping[str, ImageStrategy], resource: Resource) -> SetField:
        """The change of a reference that gives policies, by id, the image that they want.

        Raises :class:`EditError` where there is none.
        """
        written = resource.facts.get("reference")
        if not isinstance(written, str):
            raise EditError("the image is not known")
        key = (written, *sorted(strategies))
        if key not in self._known:
            self._known[key] = self._looked_up(strategies, written)
        found = self._known[key]
        if isinstance(found, EditError):
            raise found
        return SetField(("reference",), found)

    def _looked_up(self, strategies: Mapping[str, ImageStrategy], written: str) -> str | EditError:
        from policyengine.connections.registry import NoRegistryError
        from policyengine.remediation.images.texts import pinned_reference

        parsed = parse(written)
        host = parsed.registry if parsed else ""
        if host in self._silent:
            return self._silent[host]
        try:
            self._asking = self._asking or self._whom_to_ask()
            return pinned_reference(strategies, written, self._asking)
        except (RemedyError, SourceError) as error:
            told = EditError(error.message, hint=error.hint)
            if isinstance(error.__cause__, NoRegistryError) and error.path == f"registry://{host}":
                self._silent[host] = EditError(error.__cause__.message, hint=error.hint)
            return told

    def _whom_to_ask(self) -> Asking:
        from policyengine.connections.registry import Platform, registries
        from policyengine.remediation.images.asking import Asking

        settings = self._settings
        asked = self._opened.enter_context(registries(settings.insecure_registries, settings.registry_mirrors))
        return Asking(asked, Platform(), partial(violated, settings), settings.remediate.registries)
