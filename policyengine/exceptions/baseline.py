"""The baseline: what was found when somebody decided to begin from there, as a file for version control.

One finding a line and in a stable order, so that changes are read and merged easily. Paths are relative to its
directory. What was found twice stands there once, with its count.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import TYPE_CHECKING, Any

from policyengine.errors import UsageError
from policyengine.exceptions.known import TOLD, Known
from policyengine.exceptions.seen import placed
from policyengine.model.location import is_file

if TYPE_CHECKING:
    from collections.abc import Iterable

VERSION = 1

_TEXTS = ("path", "policy", "status", "resource", "scope", "content")


def read(path: str, data: bytes, base: str | None = None) -> list[Known]:
    """What a baseline holds, each as often as it was found; paths relative to the working directory.

    ``base`` is the directory that paths in it are relative to, if it is not its own. Raises :class:`UsageError` for
    what is no baseline.
    """
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        line, column = getattr(error, "lineno", None), getattr(error, "colno", None)
        raise UsageError("malformed JSON", path=path, line=line, column=column, hint=_HINT) from None
    if (
        not isinstance(content, dict)
        or content.get("version") != VERSION
        or isinstance(content["version"], bool)
        or not isinstance(content.get("findings"), list)
    ):
        raise UsageError(f"not a baseline of version {VERSION}", path=path, hint=_HINT)
    base = os.path.dirname(path) if base is None else base  # noqa: PTH120 - a text, as the paths of findings are
    found: list[Known] = []
    for entry in content["findings"]:
        one, count = _entry(entry, path, base)
        if len(found) + count > MOST:
            raise UsageError(f"holds more than {MOST} findings", path=path, hint=_HINT)
        found += [one] * count
    return found


MOST = 1_000_000
"""So many findings may be known: more is no baseline that was ever written, and takes memory and time."""


_HINT = "policyengine baseline create writes one"


def written(known: Iterable[Known], path: str) -> str:
    """A baseline as the text of a file at ``path``."""
    base = os.path.dirname(path) or "."  # noqa: PTH120 - as above
    counts = Counter(one._replace(path=_rebased(one.path, base)) for one in known)
    entries = sorted(counts, key=lambda one: tuple(getattr(one, name) for name in _TEXTS))
    lines = [json.dumps(_data(one, counts[one]), ensure_ascii=False) for one in entries]
    listed = "[\n    " + ",\n    ".join(lines) + "\n  ]" if lines else "[]"
    return f'{{\n  "version": {VERSION},\n  "findings": {listed}\n}}\n'


def _data(one: Known, count: int) -> dict[str, object]:
    data: dict[str, object] = {name: getattr(one, name) for name in _TEXTS}
    return data if count == 1 else {**data, "count": count}


def _entry(entry: Any, path: str, base: str) -> tuple[Known, int]:
    """A finding, and how often it is known."""
    if not isinstance(entry, dict) or not all(isinstance(entry.get(name), str) for name in _TEXTS):
        raise UsageError("a finding in it is not understood", path=path, hint=_HINT)
    count = entry.get("count", 1)
    if isinstance(count, bool) or not isinstance(count, int) or count < 1 or entry["status"] not in TOLD:
        raise UsageError("a finding in it is not understood", path=path, hint=_HINT)
    one = Known(**{name: entry[name] for name in _TEXTS})
    return one._replace(path=_placed(one.path, base)), count


def _rebased(path: str, base: str) -> str:
    return os.path.relpath(path, base) if is_file(path) else path


def _placed(path: str, base: str) -> str:
    """A path in a baseline as :func:`placed` has it."""
    return placed(os.path.join(base, path)) if is_file(path) else path  # noqa: PTH118 - as above
