"""A saved image as an engine would tell of it: https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Image.

https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md tells what a configuration holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.docker.snapshot import LiveAnswers
from policyengine.model.location import Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.documents.document import DocPath
    from policyengine.inputs.docker.saved.images import Saved

_FIELDS = {
    "created": "Created",
    "author": "Author",
    "architecture": "Architecture",
    "os": "Os",
    "variant": "Variant",
    "config": "Config",
}
_STEP = {"created": "Created", "created_by": "CreatedBy", "comment": "Comment"}


class SavedAnswers(LiveAnswers):
    """One image; ``where`` is its place."""

    def __init__(self, saved: Saved, where: str) -> None:
        super().__init__({"context": "", "images": [_image(saved)]})
        self._where = where

    def locate(self, path: DocPath) -> Location:  # noqa: ARG002 - there is one image
        """The image."""
        return Location(self._where)


def _image(saved: Saved) -> dict[str, object]:
    config = saved.config
    found: dict[str, object] = {key: config[name] for name, key in _FIELDS.items() if name in config}
    filesystem = config.get("rootfs")
    layers = filesystem.get("diff_ids") if isinstance(filesystem, dict) else None
    history = config.get("history")
    steps = list(_steps(history)) if isinstance(history, list) else None
    found |= {"Id": saved.id, "RepoTags": list(saved.tags), "RootFS": {"Layers": layers}}
    return found if steps is None else {**found, "History": steps[::-1]}


def _steps(history: list[object]) -> Iterator[dict[str, object]]:
    """The steps as an engine tells them, which has the newest first."""
    for step in history:
        if isinstance(step, dict):
            yield {key: step[name] for name, key in _STEP.items() if name in step}
