"""An image of a registry as an engine would tell of it, had it the image: so that one reader reads both."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policyengine.connections.registry import Image
    from policyengine.remediation.images.asking import Chosen

_FIELDS = {"created": "Created", "author": "Author", "architecture": "Architecture", "os": "Os", "variant": "Variant"}
"""https://github.com/opencontainers/image-spec/blob/main/config.md by the engine's names."""


def inspected(chosen: Chosen, image: Image) -> dict[str, object]:
    """What ``/images/NAME/json`` and, under ``History``, ``/images/NAME/history`` would answer, sizes apart."""
    told = image.config
    layers = told.get("rootfs")
    diffs = layers.get("diff_ids") if isinstance(layers, dict) else None
    return {
        "Id": image.digest,
        "RepoTags": [f"{chosen.name}:{chosen.tag}"] if chosen.tag else [],
        "RepoDigests": [chosen.reference],
        **{theirs: told[ours] for ours, theirs in _FIELDS.items() if told.get(ours)},
        "Config": told.get("config") or {},
        "RootFS": {"Type": "layers", "Layers": diffs if isinstance(diffs, list) else []},
        "History": _history(told.get("history")),
    }


def _history(steps: object) -> list[dict[str, object]]:
    """The steps, the newest first, as the engine has them: their times in seconds since 1970."""
    found = [step for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []
    return [
        {
            "CreatedBy": str(step.get("created_by") or ""),
            "Created": _seconds(step.get("created")),
            "Comment": str(step.get("comment") or ""),
        }
        for step in reversed(found)
    ]


def _seconds(created: object) -> int:
    try:
        return int(datetime.fromisoformat(created).timestamp()) if isinstance(created, str) else 0
    except ValueError:
        return 0
