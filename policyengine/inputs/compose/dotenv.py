"""Files of variables, first of all ``.env`` beside a Compose file, read as compose-go's ``dotenv`` package does.

https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/#env-file-syntax
"""

from __future__ import annotations

import os.path
import re
from collections import ChainMap
from pathlib import Path
from typing import TYPE_CHECKING

from policyengine.errors import DocumentError, PolicyengineError, SourceError
from policyengine.inputs.compose.interpolation import MAX_TOTAL, MalformedError, substitute
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policyengine.inputs.context import Context

MAX_BYTES = 1024 * 1024
"""The largest ``.env`` that is read."""

_BLANK = re.compile(r"(?:\s+|#[^\n]*)*")
_EXPORT = re.compile(r"export[^\S\n]+")
_KEY = re.compile(r"(?P<key>[\w.\-\[\]]+)[^\S\n]*(?P<separator>[=:\n]|\Z)")
_SPACES = re.compile(r"[^\S\n]*")
_QUOTED = {
    '"': re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"', re.DOTALL),
    "'": re.compile(r"'([^'\\]*(?:\\.[^'\\]*)*)'", re.DOTALL),
}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\\": "\\", '"': '"'}


def variables(compose_path: str, context: Context) -> dict[str, str | Unknown]:
    """The variables for interpolation: those of ``.env`` beside the Compose file, and ``--env``, which wins.

    What is wrong with ``.env`` is reported as a problem, never with its text. What is no file, standard input, has
    none beside it.
    """
    found: dict[str, str | Unknown] = {}
    if is_file(compose_path):
        path = os.path.join(os.path.dirname(compose_path), ".env")  # noqa: PTH118, PTH120
        found = of_project(path, compose_path, context, context.env)
    return {**found, **context.env}


def is_file(path: str) -> bool:
    """Whether a document was read from a file, beside which others can be."""
    try:
        return Path(path).is_file()
    except OSError:  # a name that is too long
        return False


def of_project(path: str, by: str, context: Context, env: Mapping[str, str | Unknown]) -> dict[str, str | Unknown]:
    """The variables of a project's ``.env``, which need not be there."""
    return read(path, by, context, env) or {}


def of_files(
    paths: Iterable[str], by: str, context: Context, env: Mapping[str, str | Unknown]
) -> dict[str, str | Unknown]:
    """The variables of several files, those of later ones winning. A file that is not there is a problem."""
    found: dict[str, str | Unknown] = {}
    for path in paths:
        of_file = read(path, by, context, {**found, **env})
        if of_file is None:
            context.failed(SourceError("no such file", path=path))
        found |= of_file or {}
    return found


def read(path: str, by: str, context: Context, env: Mapping[str, str | Unknown]) -> dict[str, str | Unknown] | None:
    """The variables of a file that the file ``by`` refers to; None where there is none. What is wrong is a problem."""
    try:
        data = context.files.read(path, by=by, limit=MAX_BYTES)
        return None if data is None else parse(path, data.decode("utf-8-sig"), env)
    except UnicodeDecodeError:
        context.failed(DocumentError("not UTF-8 text", path=path))
    except PolicyengineError as error:
        context.failed(error)
    return {}


def parse(path: str, text: str, env: Mapping[str, str | Unknown]) -> dict[str, str | Unknown]:
    """The variables of a ``.env`` file's text. ``env`` wins over earlier lines where a value uses variables.

    Raises :class:`DocumentError` with the path and the line, never with the text.
    """
    return _Parser(path, text.replace("\r\n", "\n"), env).parse()


class _Parser:
    def __init__(self, path: str, text: str, env: Mapping[str, str | Unknown]) -> None:
        self._path = path
        self._text = text
        self._env: dict[str, str | Unknown] = dict(env)
        self._at = 0
        self._found: dict[str, str | Unknown] = {}
        self._left = MAX_TOTAL

    def parse(self) -> dict[str, str | Unknown]:
        self._skip(_BLANK)
        while self._at < len(self._text):
            self._statement()
            self._skip(_BLANK)
        return self._found

    def _statement(self) -> None:
        start = self._at
        self._skip(_EXPORT)
        match = _KEY.match(self._text, self._at)
        if match is None:
            raise self._error("expected NAME=VALUE", start)
        self._at = match.end()
        if match["separator"] not in ("=", ":"):  # a name alone passes on the caller's variable
            if match["key"] in self._env:
                self._found[match["key"]] = self._env[match["key"]]
            return
        self._skip(_SPACES)
        try:
            self._found[match["key"]] = self._value()
        except MalformedError as error:
            raise self._error(f"malformed interpolation: {error}", start) from None

    def _value(self) -> str | Unknown:
        quote = self._text[self._at : self._at + 1]
        if quote not in _QUOTED:
            return self._unquoted()
        match = _QUOTED[quote].match(self._text, self._at)
        if match is None:
            raise self._error("a quoted value is not closed", self._at)
        self._at = match.end()
        if quote == "'":
            return match[1].replace("\\'", "'")
        return self._expanded(_ESCAPE.sub(_unescaped, match[1]))

    def _unquoted(self) -> str | Unknown:
        end = self._text.find("\n", self._at)
        end = len(self._text) if end < 0 else end
        line, self._at = self._text[self._at : end], end
        value = "" if line.startswith("#") else re.split(r"\s#", line, maxsplit=1)[0]
        return self._expanded(value.rstrip())

    def _expanded(self, value: str) -> str | Unknown:
        if "$" not in value:
            return value
        expanded = substitute(value, ChainMap(self._env, self._found))[0]
        self._left -= 0 if isinstance(expanded, Unknown) else len(expanded)
        if self._left < 0:
            raise MalformedError(f"the variables become longer than {MAX_TOTAL // 2**20} MiB")
        return expanded

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self._text, self._at)
        self._at = match.end() if match else self._at

    def _error(self, message: str, at: int) -> DocumentError:
        return DocumentError(message, path=self._path, line=self._text.count("\n", 0, at) + 1)


def _unescaped(match: re.Match[str]) -> str:
    r"""What an escape in double quotes stands for; ``\$`` is a literal dollar sign."""
    return "$$" if match[1] == "$" else _ESCAPED.get(match[1], match[0])
