"""Which places of a manifest hold secrets: hidden in excerpts, whatever else is wrong with the manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.metadata import LAST_APPLIED
from policyengine.model.command_secrets import among

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.documents.document import DocPath, Document

_WHOLE = frozenset({"stringdata", LAST_APPLIED})
_PAIRS = frozenset({"env", "httpheaders"})
_NOT_VALUES = frozenset({"name", "valueFrom"})
_DATA = frozenset({"data", "binarydata"})
_SECRET_OPEN = frozenset({"apiVersion", "kind", "metadata", "type", "immutable"})


def secrets(document: Document) -> Iterator[DocPath]:
    """The places of every value that may be a secret, in custom resources and mistyped objects too.

    Those are the values of environment variables and HTTP headers, the data of Secrets and ConfigMaps, the copy of an
    object that kubectl keeps in an annotation, and what the command of a container is given, wherever that is written.
    """
    waiting: list[tuple[DocPath, object]] = [((index,), value) for index, value in enumerate(document.values)]
    while waiting:
        at, value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(((*at, index), item) for index, item in enumerate(value) if isinstance(item, dict | list))
        elif isinstance(value, dict):
            hidden = set(_hidden_keys(value))
            yield from _arguments(at, value)
            for key, item in value.items():
                if key in hidden:
                    yield (*at, key)
                elif key.lower() in _PAIRS:
                    yield from _pairs((*at, key), item)
                elif isinstance(item, dict | list):
                    waiting.append(((*at, key), item))


def _hidden_keys(mapping: dict[str, object]) -> Iterator[str]:
    kind = mapping.get("kind")
    secret = isinstance(kind, str) and "secret" in kind.lower()
    data = isinstance(kind, str) and kind.lower() == "configmap"
    for key in mapping:
        lower = key.lower()
        if lower in _WHOLE or (secret and key not in _SECRET_OPEN) or (data and lower in _DATA):
            yield key


def _arguments(at: DocPath, mapping: dict[str, object]) -> Iterator[DocPath]:
    """The secrets of ``args``: which they are is told by ``command``, that may stand below them or further above."""
    words, program = mapping.get("args"), mapping.get("command")
    if isinstance(words, list) and isinstance(program, list):
        yield from ((*at, "args", number) for number, _, _ in among(words, program))


def _pairs(at: DocPath, pairs: object) -> Iterator[DocPath]:
    """The values of a list of ``{name, value}``; all of it when it is anything else."""
    if not isinstance(pairs, list):
        yield at
        return
    for index, pair in enumerate(pairs):
        if not isinstance(pair, dict):
            yield (*at, index)
            continue
        for key in pair:
            if key not in _NOT_VALUES or (key == "name" and not isinstance(pair[key], str)):
                yield (*at, index, key)
