"""Policy files as policies. Everything that is wrong with a file is told, with file, line and column."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from policyengine.documents.yaml import YamlDocument
from policyengine.errors import PolicyError
from policyengine.policy.parameters import Param
from policyengine.policy.schema import shape_issues
from policyengine.policy.semantics import PARAM_NAME, semantic_issues

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from policyengine.policy.issues import DataPath, Issue

MAX_TEXT = 512 * 1024
"""The largest policy file, in characters."""

MAX_ERRORS = 20
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
        raise InvalidPolicyError([PolicyError(f"larger than {MAX_TEXT // 1024} KiB", path=path)])
    document = YamlDocument(path, text, tags={"!param": _param})
    data = document.values[0] if len(document.values) == 1 else None
    if not isinstance(data, dict):
        raise InvalidPolicyError(
            [PolicyError("a policy file is one YAML document: a mapping", path=path, line=1, column=1)]
        )
    issues = list(shape_issues(data)) or list(semantic_issues(data, PurePath(path).stem, origins))
    if issues:
        raise InvalidPolicyError([_located(issue, document) for issue in issues[:MAX_ERRORS]])
    return data


def _param(value: object) -> Param:
    if not isinstance(value, str) or not PARAM_NAME(value):
        raise ValueError("!param takes the name of a parameter")
    return Param(value)


def _located(issue: Issue, document: YamlDocument) -> PolicyError:
    path: DataPath = (0, *issue.path)
    span = document.key_span(path) if issue.at_key else document.span(path)
    line, column = span.line, span.column
    if issue.offset or issue.line_offset:
        line, column = _inside(document, line, column, issue)
    return PolicyError(issue.message, path=document.path, line=line, column=column, hint=issue.hint)


def _inside(document: YamlDocument, line: int, column: int, issue: Issue) -> tuple[int, int]:
    """Where a character of a scalar stands in the file: of a block, a quoted or a plain scalar."""
    text = document.lines[line - 1][column - 1 :]
    if text[:1] in ("|", ">"):
        following = document.lines[line + issue.line_offset] if line + issue.line_offset < len(document.lines) else ""
        return line + 1 + issue.line_offset, len(following) - len(following.lstrip()) + issue.offset + 1
    return line, column + issue.offset + (1 if text[:1] in ('"', "'") else 0)
