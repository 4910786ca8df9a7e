"""The files that ``env_file`` and ``label_file`` name.

https://github.com/compose-spec/compose-spec/blob/main/05-services.md#env_file
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.documents.scalars import scalar_text
from policyengine.errors import PolicyengineError, SourceError
from policyengine.inputs.compose.dotenv import MAX_BYTES, parse
from policyengine.inputs.compose.node import flag
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.documents.document import DocPath
    from policyengine.inputs.compose.node import Node
    from policyengine.inputs.facts import Facts

    Variables = Mapping[str, str | Unknown]

_FILES = {"environment": "env_file", "labels": "label_file"}
_RAW_NAME = re.compile(r"(?m)^[^\S\n]*([^#\s=][^=\n]*)").findall


def fill_from_files(facts: Facts, node: Node) -> None:
    """Add what files hold to a container's environment and labels, whose own entries count more.

    Of variables only the names are told: their values are null. A file that is not there, as is usual for those that
    hold secrets, leaves the rest open.
    """
    for field, key in _FILES.items():
        if node.get(key) is None or not node.context.wants("container", field):
            continue
        own = facts[field]
        if own is not None and not isinstance(own, dict):
            continue
        found, open_ = _entries(facts, node, field, key)
        if not own:
            facts.place((field,), (*node.at, key), hide=False)
        facts.put(field, {**found, **(own or {})})
        if open_ is not None:
            facts.leave_open(field, open_, null=field == "environment")


def _entries(facts: Facts, node: Node, field: str, key: str) -> tuple[dict[str, object], Unknown | None]:
    """The entries of the files, later ones winning, and why there may be more."""
    found: dict[str, object] = {}
    open_: Unknown | None = None
    own = facts[field] or {}
    for path, at, format_, required in _named(node, key):
        read = path if isinstance(path, Unknown) else _read(node, key, path, at, format_)
        if read is None and not required:
            continue
        if isinstance(read, Unknown | None):
            open_ = open_ or read or Unknown(key, f"{path}, which {key} names, is not there")
            continue
        for name, value in read.items():
            found[name] = None if field == "environment" else value
            if isinstance(own, dict) and name not in own:
                node.mark(facts, (field, name), at)
    return found, open_


def _named(node: Node, key: str) -> Iterator[tuple[str | Unknown, DocPath, str, bool]]:
    """Each file that is named: its path, its place, its format, and whether it must be there."""
    written = node.get(key)
    items = list(enumerate(written)) if isinstance(written, list) else [(None, written)]
    for index, item in items:
        at = (*node.at, key) if index is None else (*node.at, key, index)
        entry = item if isinstance(item, dict) else {"path": item}
        path = entry.get("path")
        text = path if isinstance(path, Unknown) else scalar_text(path)
        if text is None:
            node.wrong(key, "a file's name", at)
            continue
        yield text, at, scalar_text(entry.get("format")) or "", flag(entry.get("required")) is not False


def _read(node: Node, key: str, path: str, at: DocPath, format_: str) -> Variables | Unknown | None:
    """A file's entries; None where there is no such file."""
    layer, _ = node.origin(at)
    opened = layer.path(path)
    try:
        data = node.context.files.read(opened, by=layer.document.path, limit=MAX_BYTES)
        if data is None:
            return None
        text = data.decode("utf-8-sig")
        if format_ == "raw":
            return dict.fromkeys(map(str.rstrip, _RAW_NAME(text)), "")
        return parse(opened, text, layer.reading.shown)
    except UnicodeDecodeError:
        why = "is no UTF-8 text"
    except SourceError as error:
        why = f"cannot be used: it {error.message}"
    except PolicyengineError as error:
        why = f"cannot be read: line {error.line}: {error.message}"
    return Unknown(key, f"{path}, which {key} names, {why}")
