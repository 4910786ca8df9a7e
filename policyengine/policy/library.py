"""Finding policy files and loading them, checked ones from the cache."""

from __future__ import annotations

import functools
import json
import os
import stat
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policyengine.documents.load import decoded
from policyengine.errors import DocumentError, PolicyError, SourceError
from policyengine.policy import cache, known_good
from policyengine.policy.kept_data import PolicyShape, has_shape
from policyengine.policy.parameters import Param
from policyengine.policy.policy import KeptExamples, Policy, policy_from, words_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

SUFFIXES = (".yaml", ".yml")
"""How the names of policy files end, in whatever case: as those of what is judged do."""
EXPECTED = "expected.yaml"
"""The file that makes a directory a test case."""


@functools.cache
def built_in() -> Path:
    """The directory of the policies that policyengine carries: of the wheel, or of the source checkout."""
    package = Path(__file__).resolve().parent.parent
    carried = package / "_policies"
    return carried if carried.is_dir() else package.parent / "policies"


def policy_files(place: Path) -> list[Path]:
    """The policy files at a path: itself, or everything below it but test cases and packs.

    Raises SourceError when there is none.
    """
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise SourceError("no such file or directory", path=str(place), hint="name a policy file or a directory")
    cases = test_cases(place)
    found = sorted(path for path in place.rglob("*") if path.suffix.lower() in SUFFIXES and path.name != "pack.yaml")
    found = [path for path in found if not any(path.is_relative_to(case) for case in cases)]
    if not found:
        raise SourceError("no policy files in it", path=str(place), hint="policy files end in .yaml")
    return found


def test_cases(place: Path) -> list[Path]:
    """The directories at and below a path that are test cases of policies: those with ``expected.yaml``."""
    return sorted(found.parent for found in place.rglob(EXPECTED)) if place.is_dir() else []


def load_policies(place: Path, origins: Collection[str]) -> tuple[list[Policy], list[PolicyError | DocumentError]]:
    """The policies of a file or directory, and what is wrong with those that are not loaded."""
    files = policy_files(place)
    if place != built_in():
        return _read(files, origins)
    # They change as the tool does, so they are known as its modules are: by size and time.
    key, paths = _stamped(files, origins), tuple(map(_shown, files))
    found = _BUILT_IN.get((key, paths))
    if found is None:
        policies, errors = _remembered(key, paths), list[PolicyError | DocumentError]()
        if policies is None:
            policies, errors = _read(files, origins, key, known_good.digests(place))
        if errors:
            return policies, errors
        found = tuple(policies)
        _BUILT_IN.clear()
        _BUILT_IN[key, paths] = found
    return list(found), []


_BUILT_IN: dict[tuple[str, tuple[str, ...]], tuple[Policy, ...]] = {}
"""The built-in policies as they were found last: who judges again and again in one process need not load them."""


def _read(
    files: Sequence[Path], origins: Collection[str], key: str | None = None, good: Collection[str] = ()
) -> tuple[list[Policy], list[PolicyError | DocumentError]]:
    """The policies of files. What was found right is kept under a key, without one under that of the files' texts.

    ``good`` are the digests of texts that need no check.
    """
    texts: list[tuple[str, str]] = []
    errors: list[PolicyError | DocumentError] = []
    for path in files:
        try:
            texts.append((_shown(path), _text(path)))
        except DocumentError as error:
            errors.append(error)
        except OSError as error:
            errors.append(PolicyError(f"cannot be read: {error.strerror}", path=_shown(path)))
    policies, wrong = _loaded(texts, origins, key, good)
    return policies, [*errors, *wrong]


def _stamped(files: Iterable[Path], origins: Collection[str]) -> str:
    stamps = [(path.name, *_stamp(path)) for path in files]
    return sha256(f"{cache.tool_digest()}\0{sorted(origins)}\0{stamps}".encode()).hexdigest()


def _stamp(path: Path) -> tuple[int, int] | tuple[()]:
    """A file's size and time; of one that is not there none, as of an editor's lock: what reads it tells of it."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_size, found.st_mtime_ns


def _text(path: Path) -> str:
    """A file's text; of a file that is much too large nothing is read."""
    from policyengine.documents.load import MAX_BYTES

    found = path.stat()
    if not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode):  # a pipe may hang
        raise DocumentError("not a regular file", path=_shown(path))
    if found.st_size > MAX_BYTES:
        raise DocumentError(f"larger than {MAX_BYTES // 2**20} MiB", path=_shown(path))
    return decoded(_shown(path), path.read_bytes())


def _shown(path: Path) -> str:
    """A path relative to the working directory where it is below it."""
    absolute, here = os.path.abspath(path), os.getcwd()  # noqa: PTH100, PTH109 - asked of every policy file
    return absolute.removeprefix(f"{here}/") if absolute.startswith(f"{here}/") else str(path)


def _loaded(
    texts: Sequence[tuple[str, str]], origins: Collection[str], key: str | None, good: Collection[str]
) -> tuple[list[Policy], list[PolicyError | DocumentError]]:
    if key is None:
        key = _key(texts, origins)
        remembered = _remembered(key, [path for path, _ in texts])
        if remembered is not None:
            return remembered, []
    digests = {path: known_good.digest(text) for path, text in texts}
    datas, errors = _checked(texts, origins, {path for path, digest in digests.items() if digest in good})
    if not errors:
        cache.write(key, "\n".join(_kept(data, digests[path]) for path, data in datas))
    return [policy_from(data, path, digests[path]) for path, data in datas], errors


def _kept(data: Mapping[str, Any], digest: str) -> str:
    """A policy's data in two lines of JSON: what runs need, and its examples."""
    examples = json.dumps(data.get("examples") or {})
    return f"{json.dumps([digest, words_of(data), _encoded({**data, 'examples': None})])}\n{examples}"


def _from_kept(line: str, examples: str, path: str) -> Policy:
    digest, words, data = json.loads(line, object_hook=_decoded if '"!' in line else None)
    if not isinstance(digest, str) or not has_shape(data, PolicyShape):
        raise ValueError(path)
    return policy_from({**data, "examples": KeptExamples(examples)}, path, digest, words)


def _remembered(key: str, paths: Sequence[str]) -> list[Policy] | None:
    """The policies as they were checked before; None when they were not, or what is kept is no list of policies."""
    text = cache.read(key)
    if text is None:
        return None
    try:
        lines = text.split("\n") if text else []
        return [_from_kept(*kept) for kept in zip(lines[::2], lines[1::2], paths, strict=True)]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _checked(
    texts: Sequence[tuple[str, str]], origins: Collection[str], good: Collection[str]
) -> tuple[list[tuple[str, Mapping[str, Any]]], list[PolicyError | DocumentError]]:
    """The data of the policies that are right, by path, and the errors of the others. ``good`` are right."""
    from policyengine.policy.load import InvalidPolicyError, policy_data, unchecked_data  # what the cache spares a run

    datas: list[tuple[str, Mapping[str, Any]]] = []
    errors: list[PolicyError | DocumentError] = []
    for path, text in texts:
        try:
            data = unchecked_data(path, text) if path in good else policy_data(path, text, origins)
            datas.append((path, data))
        except InvalidPolicyError as invalid:
            errors.extend(invalid.errors)
        except DocumentError as error:
            errors.append(error)
    return datas, errors


def _key(texts: Iterable[tuple[str, str]], origins: Collection[str]) -> str:
    """Of everything that the checks depend on: the tool, the model, the input kinds, each name and each text."""
    digest = sha256(f"{cache.tool_digest()}\0{sorted(origins)}".encode())
    for path, text in texts:
        digest.update(f"\0{Path(path).name}\0{len(text)}\0{text}".encode(errors="surrogatepass"))
    return digest.hexdigest()


_MARK = "!param"
"""The key of a mapping that stands for a Param; a key of the policy's that starts with ! gets another one."""


def _encoded(data: object) -> Any:
    if isinstance(data, Param):
        return {_MARK: data.name}
    if isinstance(data, dict):
        return {f"!{key}" if key.startswith("!") else key: _encoded(item) for key, item in data.items()}
    return [_encoded(item) for item in data] if isinstance(data, list) else data


def _decoded(data: dict[str, Any]) -> Any:
    """A mapping as it was before :func:`_encoded`, the values in it decoded already."""
    if len(data) == 1 and _MARK in data:
        return Param(data[_MARK])
    if any(key.startswith("!") for key in data):
        return {key[1:] if key.startswith("!") else key: item for key, item in data.items()}
    return data


def by_id(policies: Iterable[Policy]) -> Mapping[str, Policy]:
    """Policies by id. Raises :class:`PolicyError` when an id, or an alias, stands for two."""
    found: dict[str, Policy] = {}
    names: dict[str, Policy] = {}
    for policy in policies:
        for name in (policy.id, *policy.aliases):
            if name in names:
                raise _taken(name, policy, names[name])
            names[name] = policy
        found[policy.id] = policy
    return found


def _taken(name: str, policy: Policy, by: Policy) -> PolicyError:
    line, column = _place_of_name(name, policy)
    hint = "put your organisation before it: acme/" + name.rpartition("/")[2]
    return PolicyError(f'the id "{name}" is taken by {by.path}', path=policy.path, line=line, column=column, hint=hint)


def _place_of_name(name: str, policy: Policy) -> tuple[int | None, int | None]:
    """Where a policy's file gives it an id or an alias; nowhere when the file is gone."""
    from policyengine.documents.yaml import YamlDocument
    from policyengine.policy.load import TAGS

    try:
        document = YamlDocument(policy.path, _text(Path(policy.path)), tags=TAGS)
    except (OSError, DocumentError):
        return None, None
    at = (0, "id") if name == policy.id else (0, "aliases", policy.aliases.index(name))
    span = document.span(at)
    return span.line, span.column
