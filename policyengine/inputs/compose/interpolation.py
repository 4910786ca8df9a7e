"""Variables in Compose files: ``$NAME``, ``${NAME}``, ``${NAME:-default}`` and their kin.

https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md, and where it is silent, as compose-go's
``template`` package reads it. Unlike Compose, a variable that has no value and no default is not empty but unknown:
the shell that starts the project may have it, and that shell's environment is never looked at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.model.provenance import Provenance
from policyengine.model.secret_names import names_secret
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.documents.document import DocPath, Document
    from policyengine.inputs.context import Context

    Variables = Mapping[str, str | Unknown]

DEFAULTED = Provenance("default", "interpolation")
"""The provenance of values that a default in the text gave."""

MAX_LENGTH = 128 * 1024
"""The longest text that interpolation may make: the longest variable that Linux passes on (MAX_ARG_STRLEN)."""

MAX_TOTAL = 32 * 1024 * 1024
"""How much text interpolation may make in one project: variables that stand for each other could fill the memory."""

_MAX_NESTING = 20
_NEXT = re.compile(r"\$(?:(?P<escaped>\$)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<brace>\{))")
_BRACED = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?:(?P<operator>:?[-+?])(?P<word>.*))?", re.DOTALL).fullmatch


class MalformedError(ValueError):
    """A text whose ``${`` is not followed by a name and a closing brace, or that would grow beyond all bounds."""


def substitute(text: str, variables: Variables, nesting: int = 0) -> tuple[str | Unknown, bool]:
    """``text`` with its variables replaced, and whether a default was used.

    Unknown when the text needs a variable that has no value. Raises :class:`MalformedError`.
    """
    if nesting > _MAX_NESTING:
        raise MalformedError(f"defaults are nested more than {_MAX_NESTING} deep")
    parts: list[str] = []
    defaulted, length = False, 0
    for literal, token in _pieces(text):
        value, used = _value(token, variables, nesting)
        if isinstance(value, Unknown):
            return value, defaulted
        defaulted = defaulted or used
        length += len(literal) + len(value)
        if length > MAX_LENGTH:
            raise MalformedError(f"the value becomes longer than {MAX_LENGTH // 1024} KiB")
        parts += (literal, value)
    return "".join(parts), defaulted


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Literal stretches, each with the ``$$``, ``$NAME`` or ``${...}`` after it. Any other ``$`` is literal."""
    done = 0
    while match := _NEXT.search(text, done):
        literal = text[done : match.start()]
        done = _closing(text, match.start("brace")) + 1 if match["brace"] else match.end()
        yield literal, text[match.start() : done]
    yield text[done:], ""


def _closing(text: str, opening: int) -> int:
    """The index of the brace that closes the one at ``opening``."""
    depth = 0
    for index in range(opening, len(text)):
        if text[index] == "{":
            depth += 1
        elif text[index] == "}":
            depth -= 1
            if depth == 0:
                return index
    raise MalformedError('"${" is not closed')


def _value(token: str, variables: Variables, nesting: int) -> tuple[str | Unknown, bool]:
    if token in ("", "$$"):
        return token[:1], False
    if not token.startswith("${"):
        return variables.get(token[1:], _missing(token[1:])), False
    match = _BRACED(token[2:-1])
    if match is None:
        raise MalformedError('"${" is not followed by the name of a variable')
    return _expanded(match["name"], match["operator"] or "", match["word"] or "", variables, nesting)


def _expanded(name: str, operator: str, word: str, variables: Variables, nesting: int) -> tuple[str | Unknown, bool]:
    value = variables.get(name)
    given = value is not None and not (value == "" and operator.startswith(":"))
    if operator.endswith("-") and not given:
        return substitute(word, variables, nesting + 1)[0], True
    if operator.endswith("+"):
        if isinstance(value, Unknown):
            return value, False
        return (substitute(word, variables, nesting + 1)[0], False) if given else ("", True)
    return (value if given and value is not None else _missing(name, demanded=operator.endswith("?"))), False


def _missing(name: str, *, demanded: bool = False) -> Unknown:
    why = f"{name} has no value in .env or --env{', and must have one' if demanded else ''}"
    return Unknown(f"${{{name}}}", why, f"--env {name}=VALUE")


def _not_looked_at(name: str) -> Unknown:
    return Unknown(f"${{{name}}}", f"{name} names a secret, and is not looked at")


class Budget:
    """How much text may still be made, shared by the files of a project."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MAX_TOTAL

    def spend(self, value: object) -> None:
        """Take a text off. Raises :class:`MalformedError` when there is too much."""
        self.left -= len(value) if isinstance(value, str) else 0
        if self.left < 0:
            raise MalformedError(f"the project's values become longer than {MAX_TOTAL // 2**20} MiB")


class Interpolation:
    """Interpolates the values of one file, and remembers where a default in the text gave the value.

    A malformed text is reported as a problem where it stands, and its value is unknown. So is, outside
    ``environment``, what depends on a variable whose name names a secret: only there values are never shown.
    """

    def __init__(
        self, document: Document, variables: Variables, context: Context, budget: Budget | None = None
    ) -> None:
        self._document = document
        self.variables = variables
        self.shown = {name: _not_looked_at(name) if names_secret(name) else value for name, value in variables.items()}
        self._context = context
        self._defaulted: set[DocPath] = set()
        self._outside: set[DocPath] = set()
        self._budget = budget or Budget()

    def values(self, value: object, at: DocPath) -> object:
        """A copy of ``value``, which stands ``at``, with every text in it interpolated; keys stay as they are."""
        if isinstance(value, str):
            return self._text(value, at) if "$" in value else value
        if isinstance(value, dict):
            return {key: self.values(item, (*at, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.values(item, (*at, index)) for index, item in enumerate(value)]
        return value

    @property
    def defaulted(self) -> bool:
        """Whether a default in the text gave any value so far."""
        return bool(self._defaulted)

    def how(self, at: DocPath) -> Provenance | None:
        """The provenance of the value at ``at``, None when it is simply declared."""
        return DEFAULTED if at in self._defaulted else None

    def outside(self, at: DocPath) -> bool:
        """Whether the value at ``at`` depends on a variable from outside the file, given or not."""
        return at in self._outside

    def _substituted(self, text: str, at: DocPath) -> tuple[str | Unknown, bool]:
        if at[3:4] == ("environment",):
            return substitute(text, self.variables)
        value, defaulted = substitute(text, self.shown)
        if isinstance(value, Unknown) and names_secret(value.fact):
            return _not_looked_at(value.fact.strip("${}")), defaulted
        return value, defaulted

    def _text(self, text: str, at: DocPath) -> str | Unknown:
        try:
            value, defaulted = self._substituted(text, at)
            if value != substitute(text, {})[0] or isinstance(value, Unknown):
                self._outside.add(at)
            self._budget.spend(value)
        except MalformedError as error:
            # Not the text: what surrounds a variable may be a secret.
            hint = 'a literal dollar sign is written "$$"'
            self._context.problem(f"malformed interpolation: {error} ({hint})", self._document.locate(at))
            return Unknown("interpolation", "its interpolation is malformed")
        if defaulted:
            self._defaulted.add(at)
        return value
