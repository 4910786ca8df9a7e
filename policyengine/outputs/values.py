"""Values in the outputs."""

from __future__ import annotations

import json

from policyengine.model.plain import plain, well_formed

__all__ = ["plain", "shown", "well_formed"]


def shown(value: object, limit: int) -> str:
    """Return a value as one line of JSON of at most ``limit`` characters."""
    text = json.dumps(plain(value), ensure_ascii=False)
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + "…"
