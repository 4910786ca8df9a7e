"""What a kept result depends on, as digests."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from policyengine.errors import SourceError
from policyengine.inputs.files import Files
from policyengine.policy.cache import tool_digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.engine import Choice
    from policyengine.inputs.files import Listings
    from policyengine.sources import Item


def reading_key(env: Mapping[str, str]) -> str:
    """Of everything beside its bytes that decides what is read in an item: the tool, variables, where we stand."""
    return _digest(tool_digest(), sorted(env.items()), str(Path.cwd()))


def judging_key(
    choices: Sequence[Choice],
    parameters: Mapping[str, Mapping[str, object]],
    *,
    keep_passes: bool,
    excerpts: bool,
    tracks: bool = False,
    zones: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """Of the policies, their parameters, the zones, and what is told."""
    chosen = [
        (policy.digest or policy, policy.id, sorted(inputs) if inputs is not None else None)
        for policy, inputs in choices
    ]
    return _digest(chosen, sorted(parameters.items()), keep_passes, excerpts, tracks, sorted((zones or {}).items()))


def item_key(item: Item, data: bytes, *keys: str) -> bytes:
    """Of an item, its bytes, and what else decides."""
    content = sha256(data).hexdigest()
    return sha256(_joined(item.path, item.named, item.home, content, *keys)).digest()


def still_true(found: Mapping[str, str | None], item: Item, listings: Listings) -> bool:
    """Whether the files that an item refers to are as they were."""
    files = Files(item.home or "", listings)
    for path in found:
        try:
            files.again(path, by=(item.parts or (item.path,))[0])
        except SourceError:  # remembered as unreadable
            continue
    return files.found == found


def relations_digest(entries: object) -> str:
    """Of the relations in one scope."""
    return sha256(json.dumps(entries, sort_keys=True, default=repr).encode()).hexdigest()


def _digest(*parts: object) -> str:
    return sha256(_joined(*parts)).hexdigest()


def _joined(*parts: object) -> bytes:
    return "\0".join(map(repr, parts)).encode(errors="surrogatepass")
