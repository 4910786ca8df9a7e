"""The parts of an instruction's arguments: words, flags, NAME=value pairs, JSON arrays, heredocs.

The rules are those of BuildKit's line parsers
(https://github.com/moby/buildkit/blob/master/frontend/dockerfile/parser/line_parsers.go).
No shell is understood: what RUN runs stays text.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.documents.dockerfile_lines import SPACE, MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_PARTS = 1000
"""How many flags an instruction may have, and how many pairs; real ones stay below 100."""

_WORD = re.compile(r"[^\t\v\f\r ]+")
_SPACES = re.compile(f"[{SPACE}]*").match
_LEGACY_PAIR = re.compile(r"([^\t\v\f\r ]+)[\t\v\f\r ]+(.+)", re.DOTALL).fullmatch
_JSON_SPACE = re.compile(r"[ \t\r\n]*").match
_JSON_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]++|\\.)*+"').match
_BARE_HEREDOC = re.compile(r"[0-9]*<<").fullmatch
_HEREDOC = re.compile(r"[0-9]*<<(-?)([^<]+)", re.DOTALL).fullmatch
_SURROGATE = re.compile("[\ud800-\udfff]").search


class Part(Struct, frozen=True):
    """A stretch of an instruction: what it says, and its offsets in the instruction's joined text."""

    text: str
    start: int
    end: int


class Flag(Struct, frozen=True):
    """A flag, ``--name=value``; the value of a bare one (``--link``) is ``true`` and stands where the flag does."""

    name: str
    value: Part


class Pair(Struct, frozen=True):
    """``NAME=value``, quotes and variables as written. ARG can do without a value."""

    name: Part
    value: Part | None


class Heredoc(Struct, frozen=True):
    """A heredoc: ``<<NAME``, and below the instruction its lines up to one that is ``name``.

    ``tabs`` may precede the lines (``<<-``); nothing is replaced in the text of one whose name is ``quoted``;
    ``spaced`` has space before the name. ``line`` is the number of its first line.
    """

    name: str
    tabs: bool = False
    quoted: bool = False
    spaced: bool = False
    line: int = 0
    lines: tuple[str, ...] = ()


def words(text: str, start: int) -> tuple[Part, ...]:
    """The words between spaces; quotes mean nothing."""
    return tuple(Part(match[0], match.start(), match.end()) for match in _WORD.finditer(text, start))


def quoted_words(text: str, start: int, escape: str) -> tuple[Part, ...]:
    """The words between spaces that are neither quoted nor escaped, with their quotes."""
    found = _quoted_word(escape).finditer(text, start)
    return tuple(Part(match[0], match.start(), match.end()) for match in found)


@cache
def _quoted_word(escape: str) -> re.Pattern[str]:
    mark = re.escape(escape)
    plain = rf"[^{SPACE}'\"{mark}]++"
    double = rf'"(?:[^"{mark}]++|{mark}.)*+(?:"|{mark}?\Z)'
    single = r"'[^']*+(?:'|\Z)"
    return re.compile(rf"(?:{plain}|{mark}.|{double}|{single}|{mark}\Z)++", re.DOTALL)


def flags(text: str, start: int) -> tuple[tuple[Flag, ...], int]:
    """The flags at the start of the arguments, and the offset of what follows them."""
    found: list[Flag] = []
    at = _past_space(text, start)
    while text.startswith("--", at):
        match = _quoted_word("\\").match(text, at)
        end = match.end() if match else at + 2
        if end == at + 2:
            return tuple(found), _past_space(text, end)
        if len(found) == MAX_PARTS:
            raise MalformedError(f"more than {MAX_PARTS:,} flags", at)
        found.append(_flag(text[at:end], at))
        at = _past_space(text, end)
    return tuple(found), at


def _flag(written: str, at: int) -> Flag:
    name, equals, value = written[2:].partition("=")
    end = at + len(written)
    if not equals:
        return Flag(_unquoted(name), Part("true", at, end))
    return Flag(name, Part(_unquoted(value), end - len(value), end))


def _past_space(text: str, at: int) -> int:
    match = _SPACES(text, at)
    return match.end() if match else at


_QUOTE_OR_ESCAPE = re.compile(r"""\\(.?)|['"]""", re.DOTALL)


def _unquoted(written: str) -> str:
    return _QUOTE_OR_ESCAPE.sub(lambda match: match[1] or "", written)


def pairs(text: str, start: int, escape: str, keyword: str) -> tuple[Pair, ...]:
    """The pairs of ENV, LABEL and ARG. ``ENV NAME value`` is the legacy form, its value reaching to the end."""
    found = quoted_words(text, start, escape)
    if not found:
        raise MalformedError(f"{keyword} needs an argument", start)
    if len(found) > MAX_PARTS and "=" in found[0].text:
        raise MalformedError(f"more than {MAX_PARTS:,} pairs", found[MAX_PARTS].start)
    if keyword != "ARG" and "=" not in found[0].text:
        return (_legacy_pair(text, start, keyword),)
    return tuple(_pair(word, keyword) for word in found)


def _legacy_pair(text: str, start: int, keyword: str) -> Pair:
    match = _LEGACY_PAIR(text, start)
    if match is None:
        raise MalformedError(f"{keyword} needs a name and a value", start, f"{keyword} NAME=value")
    return Pair(Part(match[1], *match.span(1)), Part(match[2], *match.span(2)))


def _pair(word: Part, keyword: str) -> Pair:
    name, equals, value = word.text.partition("=")
    if not equals and keyword != "ARG":
        # The word is not told: it may be a part of a password that lacks its quotes.
        raise MalformedError(f"a word of {keyword} has no =", word.start, "NAME=value; quote values with spaces")
    plain = name.replace('"', "").replace("'", "")
    if not plain:
        raise MalformedError(f"{keyword} needs a name before =", word.start)
    start = word.end - len(value)
    named = Part(plain, word.start, word.start + len(name))
    return Pair(named, Part(value, start, word.end) if equals else None)


def json_strings(text: str, start: int) -> tuple[Part, ...] | None:
    """The items of a JSON array of strings that reaches to the end; None for what is no JSON array.

    Docker takes what is no JSON for a shell's command, and refuses a JSON array of other things than strings.
    """
    if not text.startswith("[", start):
        return None
    try:
        return tuple(_items(text, start))
    except ValueError:
        if _is_json(text[start:]):
            raise MalformedError("a JSON array of other things than strings", start, "quote each item") from None
        return None


def _items(text: str, start: int) -> Iterator[Part]:
    at = _past_json_space(text, start + 1)
    more = text[at : at + 1] != "]"
    while more:
        match = _JSON_STRING(text, at)
        if match is None:
            raise ValueError(at)
        yield Part(_without_surrogates(json.loads(match[0])), *match.span())
        at = _past_json_space(text, match.end())
        more = text[at : at + 1] == ","
        if more:
            at = _past_json_space(text, at + 1)
    if text[at : at + 1] != "]" or _past_json_space(text, at + 1) != len(text):
        raise ValueError(at)


def _past_json_space(text: str, at: int) -> int:
    match = _JSON_SPACE(text, at)
    return match.end() if match else at


def _without_surrogates(value: str) -> str:
    """The string as Go decodes it: half a surrogate pair becomes the replacement character."""
    if _SURROGATE(value) is None:
        return value
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def heredocs(text: str, start: int) -> list[Heredoc]:
    """The heredocs that the arguments open, their text yet to be read.

    Quotes are the shell's; where one is not closed there are no heredocs, as in BuildKit. Space may stand before the
    name, as of Dockerfile 1.8; older builders, and ``$((1 << 2))``, mean something else by it.
    """
    if "<<" not in text or not _CLOSED(text, start):
        return []
    found = quoted_words(text, start, "\\")
    after = [*(word.text for word in found[1:]), ""]
    opened = (_heredoc(word.text, next_) for word, next_ in zip(found, after, strict=True))
    return [heredoc for heredoc in opened if heredoc]


def _heredoc(word: str, following: str) -> Heredoc | None:
    spaced = _BARE_HEREDOC(word) is not None
    match = _HEREDOC(word + following if spaced else word)
    name = _unquoted(match[2]) if match else ""
    if match is None or not name:
        return None
    return Heredoc(name, tabs=match[1] == "-", quoted=name != match[2], spaced=spaced)


_CLOSED = re.compile(r"""(?:[^'"\\]++|\\.?|'[^']*+'|"(?:[^"\\]++|\\.)*+")*+""", re.DOTALL).fullmatch
