"""The ``.env`` file beside a Compose file, read as compose-go's ``dotenv`` package does.

https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/#env-file-syntax
"""

from __future__ import annotations

import re
from collections import ChainMap
from pathlib import Path
from typing import TYPE_CHECKING

from policyengine.errors import DocumentError
from policyengine.inputs.compose.interpolation import MAX_TOTAL, MalformedError, substitute
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

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

    What is wrong with ``.env`` is reported as a problem, never with its text.
    """
    found: dict[str, str | Unknown] = {}
    try:
        found = parse(*_read(compose_path), context.env)
    except DocumentError as error:
        context.failed(error)
    return {**found, **context.env}


def _read(compose_path: str) -> tuple[str, str]:
    """The path and the text of ``.env``; no text where the Compose file or ``.env`` is no file."""
    compose = Path(compose_path)
    path = compose.parent / ".env"
    shown = str(path)
    try:
        if not compose.is_file() or not path.exists():
            return shown, ""
        return shown, _contents(path, shown)
    except OSError as error:
        raise DocumentError(f"cannot be read: {error.strerror}", path=shown) from None
    except UnicodeDecodeError:
        raise DocumentError("not UTF-8 text", path=shown) from None


def _contents(path: Path, shown: str) -> str:
    """The text of ``.env``.

    A repository can hold a symbolic link. It must not turn the credentials of the machine that judges it, or its
    environment (``/proc/self/environ``), into variables, whose values reports show.
    """
    target = path.resolve()
    if not any(target.is_relative_to(root.resolve()) for root in (path.parent, Path())):
        raise DocumentError("a link that leads out of the project", path=shown, hint="use --env")
    if not target.is_file():
        raise DocumentError("not a file", path=shown)
    size = target.stat().st_size
    if size > MAX_BYTES:
        raise DocumentError(f"larger than {MAX_BYTES // 2**20} MiB", path=shown)
    with target.open("rb") as file:
        return file.read(size).decode("utf-8-sig")


def parse(path: str, text: str, env: Mapping[str, str]) -> dict[str, str | Unknown]:
    """The variables of a ``.env`` file's text. ``env`` wins over earlier lines where a value uses variables.

    Raises :class:`DocumentError` with the path and the line, never with the text.
    """
    return _Parser(path, text.replace("\r\n", "\n"), env).parse()


class _Parser:
    def __init__(self, path: str, text: str, env: Mapping[str, str]) -> None:
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
