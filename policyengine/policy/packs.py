"""Packs: named sets of policies with parameters, each a directory with ``pack.yaml``.

A pack that follows the releases of something else, as the Pod Security Standards follow Kubernetes', lists them under
``releases``, the newest last. Under ``since`` it says what is new from a release on: further ``policies``, other values
of ``parameters``, and what it ``adds`` to lists among those. ``NAME@RELEASE`` is one of them, ``NAME`` is the newest.
In the names of packs and policies ``{release}`` stands for its own: ``CIS Docker {release}`` is every policy with a
control of that version of the benchmark.
"""

from __future__ import annotations

import json
import os
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from msgspec import Struct, field

from policyengine.documents.load import MAX_BYTES, decoded
from policyengine.errors import DocumentError, PolicyError, UsageError, did_you_mean
from policyengine.policy import cache as kept
from policyengine.policy.kept_data import PackShape, has_shape
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

_TEXT: dict[str, Any] = {"type": "string", "empty": False}


def _texts(help_: str, offers: str = "") -> dict[str, Any]:
    item = {**_TEXT, "meta": {"offers": offers}} if offers else _TEXT
    return {"type": "list", "schema": item, "meta": {"words": "a list of texts", "help": help_}}


def _parameter_values(help_: str) -> dict[str, Any]:
    return {
        "type": "dict",
        "valuesrules": {"type": "dict", "meta": {"words": "a mapping of parameters to values"}},
        "meta": {"words": "a mapping of policies to their parameters", "help": help_, "offers": "parameters"},
    }


SCHEMA: dict[str, Any] = {
    "version": {
        "type": "integer",
        "allowed": [1],
        "required": True,
        "meta": {"help": "The version of this file's format: 1."},
    },
    "name": {
        "type": "string",
        "regex": "[a-z0-9][a-z0-9.@-]*",
        "required": True,
        "meta": {
            "words": "a name: lower-case letters, digits and hyphens",
            "help": "What settings and reports call the pack: lower-case letters, digits and hyphens.",
        },
    },
    "title": {**_TEXT, "required": True, "meta": {"help": "What the pack is, in one line."}},
    "release": {
        **_TEXT,
        "meta": {"words": "a text", "help": "Which version of itself the pack is; reports name it."},
    },
    "packs": _texts(
        "Packs that this one takes in: names of built-in ones, or directories relative to this file, with a /. "
        "NAME@RELEASE is one release.",
        "packs",
    ),
    "policies": _texts(
        "The policies of the pack: ids, categories, tags, controls, other tools' ids. {release} stands for the "
        "release. Without policies and packs: all of its own directory.",
        "policies",
    ),
    "ignore": _texts("Policies that are left out, by the same names.", "policies"),
    "parameters": _parameter_values("Values of policies' parameters: {policy: {parameter: value}}."),
    "releases": {
        **_texts("The releases of what the pack follows, the newest last: NAME@RELEASE chooses one."),
        "minlength": 1,
    },
    "since": {
        "type": "dict",
        "valuesrules": {
            "type": "dict",
            "schema": {
                "policies": _texts("Policies that are in the pack from this release on.", "policies"),
                "parameters": _parameter_values("Values of parameters from this release on."),
                "adds": _parameter_values("What is added to lists of parameters from this release on."),
            },
            "meta": {"words": "a mapping: what is new from a release on"},
        },
        "meta": {
            "words": "a mapping of releases to what is new in them",
            "help": "What is new from a release on, by release.",
        },
    },
}

_LATEST = "latest"
"""Another name of the newest release, which Kubernetes uses too."""


class Pack(Struct, frozen=True):
    """A set of policies, not yet looked up: ``policies`` and ``ignore`` are any of the names of policies.

    ``packs`` are taken in, ``path`` is its file, ``release`` says which version of itself it is, ``releases`` which
    there are if one can choose. A pack without ``policies`` and without ``packs`` is all policies of its directory.
    """

    name: str
    title: str
    path: str
    release: str = ""
    packs: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    parameters: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    releases: tuple[str, ...] = ()

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

    ``@RELEASE`` may stand after either. Raises :class:`UsageError` for a pack or a release that is not there, and
    :class:`PolicyError` for a pack that is wrong.
    """
    named, release = _split(name)
    path = _home() / named / FILE if "/" not in named else Path(named) / FILE
    if "/" not in named and not path.is_file():
        path = Path(named) / FILE
    return _loaded(path.parent, named, release)


def is_carried(name: str) -> bool:
    """Whether a pack that is called so is built in, and no directory."""
    return "/" not in name and (_home() / _split(name)[0] / FILE).is_file()


def _split(name: str) -> tuple[str, str]:
    """A pack's name or path, and the release that is asked for; empty for none."""
    named, at, release = name.rpartition("@")
    if not at or "/" in release:
        return name, ""
    carried = "/" not in named and (_home() / named / FILE).is_file()  # no directory takes the place of a built-in pack
    return (name, "") if Path(name).is_dir() and not carried else (named, release)


def _loaded(directory: Path, name: str, release: str) -> Pack:
    path = directory / FILE
    try:
        text = _text(path) if path.is_file() else None
    except OSError as error:
        raise PolicyError(f"cannot be read: {error.strerror}", path=str(path)) from None
    if text is None:
        raise _missing(name)
    return _pack(str(path), text, release)


def _missing(name: str) -> UsageError:
    if "/" in name or Path(name).is_dir():
        return UsageError(f"no {FILE} in it", path=name, hint="a pack is a directory with a pack.yaml")
    known = built_in_packs()
    return UsageError(f'no pack is called "{name}"', hint=did_you_mean(name, known) or f"packs are {', '.join(known)}")


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return decoded(str(path), file.read(MAX_BYTES + 1))


def _pack(path: str, text: str, asked: str) -> Pack:
    data = _data(path, text)
    releases = tuple(data.get("releases", ()))
    release = _release(data["name"], releases, asked) or data.get("release", "")
    news = [data["since"][one] for one in releases[: _until(releases, release)] if one in data.get("since", {})]
    return Pack(
        data["name"],
        data["title"],
        path,
        release,
        _named(data.get("packs", ()), release),
        _named((*data.get("policies", ()), *(one for new in news for one in new.get("policies", ()))), release),
        _named(data.get("ignore", ()), release),
        _parameters(data, news),
        releases,
    )


def _named(names: Iterable[str], release: str) -> tuple[str, ...]:
    return tuple(name.replace("{release}", release) for name in names)


def _release(name: str, releases: Sequence[str], asked: str) -> str:
    """The release that is asked for, the newest where none is; ``v1.31`` is 1.31, and ``1.6`` the newest of 1.6."""
    if not asked or (asked == _LATEST and releases):
        return releases[-1] if releases else ""
    found = asked.removeprefix("v")
    of_it = [release for release in releases if "." in found and release.startswith(f"{found}.")]
    if found not in releases and of_it:
        return of_it[-1]
    if found not in releases:
        hint = f"releases are {', '.join(releases)}" if releases else f"write {name}: it comes in one release only"
        raise UsageError(f'the pack "{name}" has no release "{asked}"', hint=hint)
    return found


def _until(releases: Sequence[str], release: str) -> int:
    return releases.index(release) + 1 if releases else 0


def _parameters(data: Mapping[str, Any], news: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, object]]:
    """The values that a pack gives, with those of its releases up to one."""
    values = _merged([data.get("parameters", {})])
    for new in news:
        values = _merged([values, new.get("parameters", {}), _longer(values, new.get("adds", {}))])
    return values


def _longer(values: Mapping[str, Any], added: Mapping[str, Any]) -> dict[str, dict[str, object]]:
    """Lists with what is added to them."""
    return {id_: {name: [*values[id_][name], *more] for name, more in of_one.items()} for id_, of_one in added.items()}


def _merged(given: Iterable[Mapping[str, Mapping[str, object]]]) -> dict[str, dict[str, object]]:
    """The values of parameters by policy, later ones over earlier ones."""
    values: dict[str, dict[str, object]] = {}
    for of_policies in given:
        for policy, of_one in of_policies.items():
            values.setdefault(policy, {}).update(of_one)
    return values


def _data(path: str, text: str) -> dict[str, Any]:
    """What a pack's text says. Raises what is wrong with it.

    What was found to be right is kept: loading the parser and Cerberus takes longer than a check of a few files.
    """
    key = sha256(f"pack\0{kept.tool_digest()}\0{text}".encode(errors="surrogatepass")).hexdigest()
    found = _kept(key)
    if found is not None:
        return found
    data = _checked(path, text)
    encoded = json.dumps(data)
    if json.loads(encoded) == data:
        kept.write(key, encoded)
    return data


def _kept(key: str) -> dict[str, Any] | None:
    """The data of a pack that was found right; None where there is none, or what is kept is no pack's."""
    try:
        data = json.loads(kept.read(key) or "null")
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", data) if has_shape(data, PackShape) else None


def _checked(path: str, text: str) -> dict[str, Any]:
    from policyengine.documents.shape import misfits
    from policyengine.documents.yaml import YamlDocument

    document = YamlDocument(path, text)
    data = document.values[0] if len(document.values) == 1 else None
    if not isinstance(data, dict):
        raise PolicyError("a pack is one mapping", path=path, line=1, column=1, hint="begin with version: 1")
    for misfit in misfits(data, SCHEMA):
        raise _at(document, misfit.path, misfit.message, misfit.hint, key=misfit.at_key)
    _check_news(document, data)
    return data


def _check_news(document: YamlDocument, data: dict[str, Any]) -> None:
    lists = {(policy, name) for policy, given in data.get("parameters", {}).items() for name in _lists(given)}
    for release, new in data.get("since", {}).items():
        if release not in data.get("releases", ()):
            raise _at(document, ("since", release), f'"{release}" is not among the releases', key=True)
        for policy, given in new.get("adds", {}).items():
            for name in given.keys() - (_lists(given) & {name for of, name in lists if of == policy}):
                hint = f"give {policy}.{name} a list under parameters, and here another one"
                raise _at(document, ("since", release, "adds", policy, name), "no list to add to", hint, key=True)


def _lists(given: Mapping[str, object]) -> set[str]:
    return {name for name, value in given.items() if isinstance(value, list)}


def _at(
    document: YamlDocument, path: DataPath, message: str, hint: str | None = None, *, key: bool = False
) -> PolicyError:
    span = document.key_span((0, *path)) if key else document.span((0, *path))
    return PolicyError(message, path=document.path, line=span.line, column=span.column, hint=hint)


def with_included(pack: Pack) -> list[Pack]:
    """The packs that a pack takes in, those that count least first, and the pack itself. A circle ends at its start.

    Raises :class:`PolicyError` where that would be two releases of one pack.
    """
    found = list(_unfolded(pack, set()))
    if two := _two(found):
        raise _located(pack, ("packs",), UsageError(f"it takes in {two[0].name} {two[0].release} and {two[1].release}"))
    return found


def two_releases(packs: Iterable[Pack]) -> tuple[Pack, Pack] | None:
    """Two releases of one pack among some packs and those that they take in; they cannot be judged by together."""
    return _two(part for pack in packs for part in with_included(pack))


def _two(packs: Iterable[Pack]) -> tuple[Pack, Pack] | None:
    found: dict[str, Pack] = {}
    pairs = ((found.setdefault(pack.path, pack), pack) for pack in packs)
    return next(((one, other) for one, other in pairs if one.release != other.release), None)


def brought_along(packs: Iterable[Pack]) -> list[Path]:
    """Where packs, and those that they take in, have policies that they bring along."""
    every = {part.path: part for pack in packs for part in with_included(pack) if not part.is_built_in}
    return [pack.directory for pack in every.values() if _holds_policies(pack.directory)]


def _holds_policies(directory: Path) -> bool:
    return any(path.suffix.lower() in SUFFIXES and path.name != FILE for path in directory.rglob("*"))


def _unfolded(pack: Pack, seen: set[tuple[str, str]]) -> Iterator[Pack]:
    seen.add(_identity(pack))
    for number, name in enumerate(pack.packs):
        try:
            inner = _taken_in(pack, name)
        except UsageError as error:
            raise _located(pack, ("packs", number), error) from None
        if _identity(inner) not in seen:
            yield from _unfolded(inner, seen)
    yield pack


def _identity(pack: Pack) -> tuple[str, str]:
    return os.path.realpath(pack.path), pack.release


def _taken_in(pack: Pack, name: str) -> Pack:
    named, release = _split(name)
    if "/" not in named:
        return load_pack(name)
    return _loaded(Path(os.path.normpath(pack.directory / named)), named, release)


def members(pack: Pack, policies: Sequence[Policy]) -> dict[str, frozenset[str] | None]:
    """The ids of a pack's policies, each with the input kinds it acts on in the pack, None for all.

    A built-in pack is made of built-in policies only. Raises :class:`PolicyError` for a name that no policy has.
    """
    found: dict[str, frozenset[str] | None] = {}
    for part in with_included(pack):
        known = [policy for policy in policies if is_built_in(policy)] if part.is_built_in else policies
        found = _joined(found, _own(part, known))
        for id_ in _resolved(part, "ignore", Names.of(known)) if part.ignore else ():
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
    try:
        return names.resolved(pack.policies if key == "policies" else pack.ignore)
    except UnknownNameError as error:
        raise _located(pack, (key, error.name), error) from None


def pack_parameters(pack: Pack) -> dict[str, dict[str, object]]:
    """The values that a pack and those it takes in give to parameters, by policy and parameter."""
    return _merged(part.parameters for part in with_included(pack))


def _located(pack: Pack, at: DataPath, error: UsageError) -> PolicyError:
    from policyengine.documents.yaml import YamlDocument

    try:
        document = YamlDocument(pack.path, _text(Path(pack.path)))
    except (OSError, DocumentError):
        return PolicyError(error.message, path=pack.path, hint=error.hint)
    return _at(document, _numbered(document.values[0], at), error.message, error.hint)


def _numbered(data: Any, at: DataPath) -> DataPath:
    """A path that ends in a name, with the name's place in its list: in the pack's own, or in one of a release's."""
    if len(at) == 1 or isinstance(at[-1], int):
        return at
    key, name = at
    lists: list[tuple[DataPath, list[str]]] = [((key,), data.get(key, []))]
    lists += [(("since", release, key), new.get(key, [])) for release, new in data.get("since", {}).items()]
    return next((*path, names.index(name)) for path, names in lists if name in names)


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
