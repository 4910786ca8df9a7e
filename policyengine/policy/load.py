"""Policy files as policies. Everything that is wrong with a file is told, with file, line and column."""

from __future__ import annotations

import re
from itertools import chain, islice
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from policyengine.documents.yaml import YamlDocument
from policyengine.documents.yaml_inside import inside
from policyengine.errors import PolicyError
from policyengine.policy.parameters import NAME, Param

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from policyengine.documents.document import Span
    from policyengine.policy.issues import DataPath, Issue

MAX_TEXT = 512 * 1024
"""The largest policy file, in characters."""

MAX_ERRORS = 50
"""How many errors of one file are told."""


class InvalidPolicyError(PolicyError):
    """Everything that is wrong with one policy file."""

    def __init__(self, errors: list[PolicyError]) -> None:
        first = errors[0]
        super().__init__(first.message, path=first.path, line=first.line, column=first.column, hint=first.hint)
        self.errors = errors


def policy_data(path: str, text: str, origins: Collection[str]) -> Mapping[str, Any]:
    """The checked data of a policy file, ``!param`` as :class:`Param`.

    ``origins`` are the known input kinds. Raises :class:`InvalidPolicyError`, or
    :class:`~policyengine.errors.DocumentError` for malformed YAML.
    """
    if len(text) > MAX_TEXT:
        raise _invalid(f"larger than {MAX_TEXT // 1024} KiB", path)
    from policyengine.policy.limits import size_issues
    from policyengine.policy.schema import shape_issues
    from policyengine.policy.semantics import semantic_issues

    document = YamlDocument(path, text, tags=TAGS)
    data = _mapping(document)
    excess = list(size_issues(data))
    if excess:
        raise InvalidPolicyError(list(_told(document, excess)))
    shape = list(shape_issues(data))
    meaning = semantic_issues(_well_shaped(data, shape), PurePath(path).stem, origins)
    issues = list(islice(chain(shape, meaning), 2 * MAX_ERRORS))
    if issues:
        raise InvalidPolicyError(list(_told(document, issues)))
    return data


def unchecked_data(path: str, text: str) -> Mapping[str, Any]:
    """The data of a policy file that is known to be right."""
    return _mapping(YamlDocument(path, text, tags=TAGS))


def _invalid(message: str, path: str, line: int = 1, hint: str | None = None) -> InvalidPolicyError:
    return InvalidPolicyError([PolicyError(message, path=path, line=line, column=1, hint=hint)])


def _mapping(document: YamlDocument) -> dict[str, Any]:
    """The one mapping that a policy file is."""
    if len(document.values) > 1:
        line = document.span((1,)).line
        raise _invalid("a second document: a policy file is one", document.path, line, "one policy per file")
    data = document.values[0] if document.values else None
    if not isinstance(data, dict):
        raise _invalid("a policy file is a mapping", document.path, hint="begin with version: 1")
    return data


def _well_shaped(data: Mapping[str, Any], issues: Iterable[Issue]) -> Mapping[str, Any]:
    """The sections whose shape is right: what they mean can be checked although others are wrong."""
    wrong = {issue.path[0] for issue in issues if issue.path}
    return {name: section for name, section in data.items() if name not in wrong}


def _param(value: object) -> Param:
    if not isinstance(value, str) or re.fullmatch(NAME, value) is None:
        raise ValueError("!param takes the name of a parameter")
    return Param(value)


class _Tags(dict[str, "Callable[[object], object]"]):
    """The tags of policies. Any other is an error: a misspelt ``!param`` must not leave the parameter's name."""

    def __contains__(self, tag: object) -> bool:
        return tag not in _CORE_TAGS

    def __missing__(self, tag: str) -> Callable[[object], object]:
        raise ValueError(f'unknown tag "{tag[:60]}": policies know !param; a text that begins with ! stands in quotes')


_CORE_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "seq", "map"))

TAGS = _Tags({"!param": _param})
"""The tags that policies use, and what they make of their value."""


def _told(document: YamlDocument, issues: Iterable[Issue]) -> Iterator[PolicyError]:
    """The issues as errors, in the order of the text."""
    unique = dict.fromkeys(issues)
    errors = sorted((_located(issue, document) for issue in unique), key=lambda error: (error.line, error.column))
    yield from errors[:MAX_ERRORS]
    if len(errors) > MAX_ERRORS:
        last = errors[MAX_ERRORS]
        yield PolicyError("and more errors from here on", path=document.path, line=last.line, column=last.column)


def _located(issue: Issue, document: YamlDocument) -> PolicyError:
    path: DataPath = (0, *issue.path)
    span = document.key_span(path) if issue.at_key else document.span(path)
    line, column = span.line, span.column
    if issue.offset is not None:
        line, column = _inside(document, span, _text_at(document, issue), issue.offset)
    message = issue.message if len(issue.message) <= _LONG else issue.message[:_LONG] + "..."
    return PolicyError(message, path=document.path, line=line, column=column, hint=issue.hint)


_LONG = 400
"""How many characters of an error are told: a name in it may be as long as its writer likes."""


def _text_at(document: YamlDocument, issue: Issue) -> str:
    """The text, a key or a value, that an issue's offset counts in."""
    value: Any = document.values[0]
    for step in issue.path[: -1 if issue.at_key else None]:
        value = value[step]
    return str(issue.path[-1] if issue.at_key else value)


def _inside(document: YamlDocument, span: Span, value: str, offset: int) -> tuple[int, int]:
    """The line and column of a character of a key's or a value's text."""
    line, column = span.line, span.column
    lines = document.lines[line - 1 : span.end_line]
    if span.end_line == line:
        lines = [lines[0][: span.end_column - 1]]
    written = "\n".join([lines[0][column - 1 :], *lines[1:]])
    if written.startswith("*"):
        return line, column  # an alias: the text stands elsewhere, and is meant here
    before = written[: inside(written, value, offset)].split("\n")
    return line + len(before) - 1, len(before[-1]) + (column if len(before) == 1 else 1)
