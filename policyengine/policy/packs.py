"""Packs: named sets of policies with parameters, each a directory with ``pack.yaml``."""

from __future__ import annotations

import os
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from policyengine.documents.load import MAX_BYTES, decoded
from policyengine.errors import DocumentError, PolicyError, UsageError, did_you_mean
from policyengine.policy import cache as kept
from policyengine.policy.library import SUFFIXES, built_in
from policyengine.policy.select import Names, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from policyengine.documents.shape import DataPath
    from policyengine.documents.yaml import YamlDocument
    from policyengine.policy.policy import Policy

FILE = "pack.yaml"
DEFAULT = "default"
"""The pack of a run that names none."""

_TEXT = {"type": "string", "empty": False}
_TEXTS = {"type": "list", "schema": _TEXT, "meta": {"words": "a list of texts"}}
SCHEMA: dict[str, Any] = {
    "version": {"type": "integer", "allowed": [1], "required": True},
    "name": {
        "type": "string",
        "regex": "[a-z0-9][a-z0-9.@-]*",
        "required": True,
        "meta": {"words": "a name: lower-case letters, digits and hyphens"},
    },
    "title": {**_TEXT, "required": True},
    "release": {**_TEXT, "meta": {"words": "a text"}},
    "packs": _TEXTS,
    "policies": _TEXTS,
    "ignore": _TEXTS,
    "parameters": {
        "type": "dict",
        "valuesrules": {"type": "dict", "meta": {"words": "a mapping of parameters to values"}},
        "meta": {"words": "a mapping of policies to their parameters"},
    },
}


class Pack(Struct, frozen=True):
    """A set of policies, not yet looked up: ``policies`` and ``ignore`` are any of the names of policies.

    ``packs`` are taken in, ``path`` is its file, ``release`` says which version of itself it is. A pack without
    ``policies`` and without ``packs`` is all policies of its directory.
    """

    name: str
    title: str
    path: str
    release: str = ""
    packs: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    parameters: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    @property
    def directory(self) -> Path:
        """Where it, and the policies that it brings along, are."""
        return Path(self.path).parent

    @property
    def is_built_in(self) -> bool:
        """Whether policyengine carries it."""
        return self.directory.parent == _home()


def _home() -> Path:
    return built_in() / "packs"


def built_in_packs() -> list[str]:
    """The names of the packs that policyengine carries."""
    return sorted(path.parent.name for path in _home().glob(f"*/{FILE}"))


def load_pack(name: str) -> Pack:
    """The built-in pack of that name, or the pack in that directory: a path has a ``/``, or is no built-in name.

    Raises :class:`UsageError` for a pack that is not there, and :class:`PolicyError` for one that is wrong.
    """
    path = _home() / name / FILE if "/" not in name else Path(name) / FILE
    if "/" not in name and not path.is_file():
        path = Path(name) / FILE
    return _loaded(path.parent, name)


def _loaded(directory: Path, name: str) -> Pack:
    path = directory / FILE
    try:
        text = _text(path) if path.is_file() else None
    except OSError as error:
        raise PolicyError(f"cannot be read: {error.strerror}", path=str(path)) from None
    if text is None:
        raise _missing(name)
    return _pack(str(path), text)


def _missing(name: str) -> UsageError:
    if "/" in name or Path(name).is_dir():
        return UsageError(f"no {FILE} in it", path=name, hint="a pack is a directory with a pack.yaml")
    known = built_in_packs()
    return UsageError(f'no pack is called "{name}"', hint=did_you_mean(name, known) or f"packs are {', '.join(known)}")


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return decoded(str(path), file.read(MAX_BYTES + 1))


def _pack(path: str, text: str) -> Pack:
    from policyengine.documents.yaml import YamlDocument

    document = YamlDocument(path, text)
    data = document.values[0] if len(document.values) == 1 else None
    if not isinstance(data, dict):
        raise PolicyError("a pack is one mapping", path=path, line=1, column=1, hint="begin with version: 1")
    _check(document, data, text)
    lists = {key: tuple(map(str, data.get(key, ()))) for key in ("packs", "policies", "ignore")}
    return Pack(
        data["name"], data["title"], path, data.get("release", ""), **lists, parameters=data.get("parameters", {})
    )


def _check(document: YamlDocument, data: dict[str, Any], text: str) -> None:
    """Raise what is wrong. What was found to be right is remembered: loading Cerberus takes longer than a check."""
    key = sha256(f"pack\0{kept.tool_digest()}\0{text}".encode(errors="surrogatepass")).hexdigest()
    if kept.read(key) == "right":
        return
    from policyengine.documents.shape import misfits

    for misfit in misfits(data, SCHEMA):
        raise _at(document, misfit.path, misfit.message, misfit.hint, key=misfit.at_key)
    kept.write(key, "right")


def _at(
    document: YamlDocument, path: DataPath, message: str, hint: str | None = None, *, key: bool = False
) -> PolicyError:
    span = document.key_span((0, *path)) if key else document.span((0, *path))
    return PolicyError(message, path=document.path, line=span.line, column=span.column, hint=hint)


def with_included(pack: Pack) -> list[Pack]:
    """The packs that a pack takes in, those that count least first, and the pack itself. A circle ends at its start."""
    return list(_unfolded(pack, set()))


def brought_along(packs: Iterable[Pack]) -> list[Path]:
    """Where packs, and those that they take in, have policies that they bring along."""
    every = {part.path: part for pack in packs for part in with_included(pack) if not part.is_built_in}
    return [pack.directory for pack in every.values() if _holds_policies(pack.directory)]


def _holds_policies(directory: Path) -> bool:
    return any(path.suffix in SUFFIXES and path.name != FILE for path in directory.rglob("*"))


def _unfolded(pack: Pack, seen: set[str]) -> Iterator[Pack]:
    seen.add(os.path.realpath(pack.path))
    for number, name in enumerate(pack.packs):
        try:
            inner = _loaded(Path(os.path.normpath(pack.directory / name)), name) if "/" in name else load_pack(name)
        except UsageError as error:
            raise _located(pack, ("packs", number), error) from None
        if os.path.realpath(inner.path) not in seen:
            yield from _unfolded(inner, seen)
    yield pack


def members(pack: Pack, policies: Sequence[Policy]) -> dict[str, frozenset[str] | None]:
    """The ids of a pack's policies, each with the input kinds it acts on in the pack, None for all.

    A built-in pack is made of built-in policies only. Raises :class:`PolicyError` for a name that no policy has.
    """
    found: dict[str, frozenset[str] | None] = {}
    for part in with_included(pack):
        known = [policy for policy in policies if is_built_in(policy)] if part.is_built_in else policies
        found = _joined(found, _own(part, known))
        for id_ in _resolved(part, "ignore", Names.of(known)):
            found.pop(id_, None)
    return found


def _own(pack: Pack, policies: Iterable[Policy]) -> Mapping[str, frozenset[str] | None]:
    if not pack.policies and not pack.packs:
        return {policy.id: None for policy in policies if _is_below(policy, pack.directory)}
    return _resolved(pack, "policies", Names.of(policies))


def _joined(
    one: Mapping[str, frozenset[str] | None], other: Mapping[str, frozenset[str] | None]
) -> dict[str, frozenset[str] | None]:
    joined = dict(one)
    for id_, inputs in other.items():
        before = joined.get(id_, frozenset())
        joined[id_] = None if before is None or inputs is None else before | inputs
    return joined


def _resolved(pack: Pack, key: str, names: Names) -> Mapping[str, frozenset[str] | None]:
    written = pack.policies if key == "policies" else pack.ignore
    try:
        return names.resolved(written)
    except UnknownNameError as error:
        raise _located(pack, (key, written.index(error.name)), error) from None


def pack_parameters(pack: Pack) -> dict[str, dict[str, object]]:
    """The values that a pack and those it takes in give to parameters, by policy and parameter."""
    values: dict[str, dict[str, object]] = {}
    for part in with_included(pack):
        for policy, given in part.parameters.items():
            values.setdefault(policy, {}).update(given)
    return values


def _located(pack: Pack, at: DataPath, error: UsageError) -> PolicyError:
    from policyengine.documents.yaml import YamlDocument

    try:
        document = YamlDocument(pack.path, _text(Path(pack.path)))
    except (OSError, DocumentError):
        return PolicyError(error.message, path=pack.path, hint=error.hint)
    return _at(document, at, error.message, error.hint)


def _is_below(policy: Policy, place: Path) -> bool:
    path = os.path.abspath(policy.path)  # noqa: PTH100 - links stay: what is below a link is below it
    return any(path.startswith(f"{prefix}/") for prefix in _spellings(str(place)))


@cache
def _spellings(place: str) -> tuple[str, str]:
    return os.path.abspath(place), os.path.realpath(place)  # noqa: PTH100 - as above


def is_built_in(policy: Policy) -> bool:
    """Whether policyengine carries the policy."""
    return _is_below(policy, built_in())


def is_of(policy: Policy, pack: Pack) -> bool:
    """Whether a pack that is not built in brings the policy along."""
    return not pack.is_built_in and _is_below(policy, pack.directory)
