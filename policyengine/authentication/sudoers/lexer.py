"""The scanner: a file and those that it includes as tokens, with the states of sudo's scanner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.sudoers import escapes, regexes, tokens
from policyengine.authentication.sudoers.patterns import LOOKED_THROUGH, PATTERNS, Pattern, State, candidates
from policyengine.authentication.sudoers.tokens import Place, Token

if TYPE_CHECKING:
    from collections.abc import Callable

_DIGESTS = {"sha224": 28, "sha256": 32, "sha384": 48, "sha512": 64}
_DEFAULTS = {":": "Defaults:", ">": "Defaults>", "@": "Defaults@", "!": "Defaults!"}
_QUOTED = {"%": (tokens.USERGROUP, ("%", "%:"), "empty group"), "+": (tokens.NETGROUP, ("+",), "empty netgroup")}


class Source(Struct):
    """A file while it is read: its path in the root, what reports call it, its text, and how far it is read."""

    file: str
    where: str
    text: str
    at: int = 0
    line: int = 1
    begun: int = 0
    """Where the line begins."""
    first: bool = True
    """Whether a line begins here for the scanner."""
    endless: int = 0
    """Before this place no regular expression ends: a line of many beginnings is looked through once."""


def source(file: str, where: str, text: str) -> Source:
    """A file to be read: what follows a NUL in a line is lost, and the last line ends as the others do."""
    lines = [line.partition("\0")[0] for line in text.split("\n")]
    if lines[-1]:
        lines.append("")
    return Source(file, where, "\n".join(lines))


class Lexer:
    """Gives tokens one after the other. ``sources`` is the stack of files: the last one is read.

    ``complain`` is told of what only visudo refuses.
    """

    def __init__(self, complain: Callable[[str, Place], None]) -> None:
        self.sources: list[Source] = []
        self.ended: Callable[[], bool] = lambda: False
        self._complain = complain
        self._state: State = "initial"
        self._before: State = "initial"
        self._continued = False
        self._spaced = False
        self._digest = ""
        self._string: list[str] | None = None
        self._command = ""
        self._arguments: list[str] | None = None
        self._begun: Place | None = None
        self._end: Place | None = None

    def next(self) -> Token:
        """The next token; ``END`` when the last file ends."""
        while True:
            while self.sources and self.sources[-1].at >= len(self.sources[-1].text):
                last = self.sources[-1]
                if not self.ended():
                    return Token(tokens.END, "", self._end or Place(last.where, last.file, 1, 1, 1, 1))
            token = self._scanned(self.sources[-1])
            if token is not None:
                return token

    def _scanned(self, source: Source) -> Token | None:
        pattern, text = _longest(source, candidates(self._state, source.text[source.at]))
        source.first = text.endswith("\n")
        return _ACTIONS[pattern.action](self, source, text)

    def _take(self, source: Source, text: str) -> Place:
        """Go past some text."""
        start = source.at - source.begun + 1
        line = source.line
        source.at += len(text)
        if newlines := text.count("\n"):
            source.line += newlines
            source.begun = source.at - (len(text) - text.rindex("\n") - 1)
        stop = start + len(text.rstrip("\r\n")) if newlines else source.at - source.begun + 1
        self._end = Place(source.where, source.file, line, start, line, stop)
        return self._end

    def _token(self, source: Source, kind: str, text: str) -> Token:
        return Token(kind, text, self._take(source, text))

    def _word(self, source: Source, text: str, kind: str) -> Token:
        return Token(kind, escapes.unescaped(text), self._take(source, text))

    def _wrong(self, source: Source, text: str, message: str) -> Token:
        return Token(tokens.ERROR, message, self._take(source, text))

    # What is done with a match, by the names in patterns.

    def _on_literal(self, source: Source, text: str) -> Token:
        place = self._take(source, text)
        word = text.strip(" \t")
        return Token(word, word, place)

    def _on_begin_variable(self, source: Source, text: str) -> None:
        self._take(source, text)
        self._state = "variable"

    def _on_variable(self, source: Source, text: str) -> Token:
        self._state = "value"
        return self._token(source, tokens.VARIABLE, text)

    def _on_next_variable(self, source: Source, text: str) -> Token:
        self._state = "variable"
        return self._token(source, text, text)

    def _on_operator(self, source: Source, text: str) -> Token:
        return self._token(source, text, text)

    def _on_word(self, source: Source, text: str) -> Token:
        return self._word(source, text, tokens.WORD)

    def _on_begin_string(self, source: Source, text: str) -> None:
        self._before, self._state = self._state, "string"
        self._string = None
        self._begun = self._take(source, text)

    def _on_begin_included(self, source: Source, text: str) -> None:
        self._before, self._state = "initial", "string"
        self._string = None
        self._begun = self._take(source, text)

    def _on_continue_string(self, source: Source, text: str) -> None:
        self._take(source, text)
        self._continued = True

    def _on_append(self, source: Source, text: str) -> None:
        self._take(source, text)
        self._string = self._string or []
        self._string.append(escapes.unescaped(text))

    def _on_end_string(self, source: Source, text: str) -> Token:
        end = self._take(source, text)
        place = self._begun.to(end) if self._begun else end
        self._state = self._before
        if self._string is None:
            return Token(tokens.ERROR, "empty string", place)
        return _quoted("".join(self._string), self._before, place)

    def _on_argument(self, source: Source, text: str) -> None:
        self._argue(source, text, text, spaced=self._spaced)
        self._spaced = False

    def _on_escaped_argument(self, source: Source, text: str) -> None:
        self._argue(source, text, text[1:], spaced=self._spaced)
        self._spaced = False

    def _argue(self, source: Source, text: str, kept: str, *, spaced: bool) -> None:
        self._end = self._take(source, text)
        self._widen(self._end)
        if self._arguments is None:
            self._arguments = []
        elif spaced:
            self._arguments.append(" ")
        self._arguments.append(kept)

    def _widen(self, end: Place) -> None:
        if self._begun is not None:
            self._begun = self._begun.to(end)

    def _on_end_command(self, source: Source, _text: str) -> Token:
        self._state = "initial"
        source.first = False
        return self._commanded(source)

    def _commanded(self, source: Source) -> Token:
        place = self._begun or self._take(source, "")
        arguments = None if self._arguments is None else "".join(self._arguments)
        return Token(tokens.COMMAND, self._command, place, arguments)

    def _on_argument_word(self, source: Source, text: str) -> None:
        if self._arguments is None and text.startswith("^"):
            self._state = "regex"
            source.first = False
        else:
            self._on_argument(source, text)

    def _on_regex_part(self, source: Source, text: str) -> None:
        kept = text
        if not text.startswith("\\") and self._continued:
            kept = text.lstrip(" \t")
            self._continued = False
        self._argue(source, text, kept, spaced=False)

    def _on_unterminated_regex(self, source: Source, _text: str) -> Token:
        source.first = False
        self._state = "initial"
        return self._wrong(source, "", "unterminated regular expression")

    def _on_end_regex(self, source: Source, text: str) -> Token:
        self._argue(source, text, text, spaced=False)
        self._state = "initial"
        self._continued = False
        return self._commanded(source)

    def _on_hex_digest(self, source: Source, text: str) -> Token | None:
        return self._digested(source, text, _DIGESTS[self._digest] * 2)

    def _on_base64_digest(self, source: Source, text: str) -> Token | None:
        length = _DIGESTS[self._digest]
        return self._digested(source, text, 4 * ((length + 2) // 3) if text.endswith("=") else (4 * length + 2) // 3)

    def _digested(self, source: Source, text: str, length: int) -> Token | None:
        """A digest; one that is not as long as it should be is passed over, as sudo does."""
        self._state = "initial"
        place = self._take(source, text)
        return Token(tokens.DIGEST, text, place) if len(text) == length else None

    def _on_digest_kind(self, source: Source, text: str) -> Token:
        self._digest = text
        self._state = "digest"
        return self._token(source, text, text)

    def _on_include(self, source: Source, text: str) -> Token:
        if self._continued:
            return self._wrong(source, text, "invalid line continuation")
        word = text[1:].split()[0]
        source.first = False
        self._state = "include"
        return Token(word, word, self._take(source, text[: len(word) + 1]))

    def _on_included(self, source: Source, text: str) -> Token:
        self._state = "initial"
        return self._on_word(source, text)

    def _on_defaults(self, source: Source, text: str) -> Token:
        if self._continued:
            return self._wrong(source, text, "invalid line continuation")
        self._state = "defaults"
        start = len(text) - len(text.lstrip(" \t")) + len("Defaults")
        rest = text[start + 1 :]
        before = text[: len(text) - len(rest.lstrip(" \t"))] if rest else text
        place = self._take(source, before)
        word = _DEFAULTS[text[start]] if text[start:] else "Defaults"
        return Token(word, word, place)

    def _on_alias_kind(self, source: Source, text: str) -> Token:
        if self._continued:
            return self._wrong(source, text, "invalid line continuation")
        word = text.strip(" \t").replace("Cmd_", "Cmnd_")
        return Token(word, word, self._take(source, text))

    def _on_tag(self, source: Source, text: str) -> Token:
        word = text.rstrip(": \t")
        return Token(f"{word}:", word, self._take(source, text))

    def _on_empty_group(self, source: Source, text: str) -> Token:
        return self._wrong(source, text, "empty netgroup" if text == "+" else "empty group")

    def _on_netgroup(self, source: Source, text: str) -> Token:
        return self._word(source, text, tokens.NETGROUP)

    def _on_group(self, source: Source, text: str) -> Token:
        return self._word(source, text, tokens.USERGROUP)

    def _on_address(self, source: Source, text: str) -> Token:
        return self._word(source, text, tokens.ADDRESS)

    def _on_ipv6(self, source: Source, text: str) -> Token:
        if any(part.count("::") > 1 or ":::" in part for part in text.split("/")):
            return self._wrong(source, text, "invalid IPv6 address")
        return self._on_address(source, text)

    def _on_expect_path(self, source: Source, text: str) -> Token:
        self._before, self._state = self._state, "path"
        return self._token(source, text, text)

    def _on_path_word(self, source: Source, text: str) -> Token:
        self._state = self._before
        return self._on_word(source, text)

    def _on_alias(self, source: Source, text: str) -> Token:
        return self._word(source, text, tokens.ALIAS)

    def _on_lone_command(self, source: Source, text: str) -> Token:
        self._begin(source, text)
        return self._commanded(source)

    def _on_begin_command(self, source: Source, text: str) -> Token | None:
        self._begin(source, text)
        if text.startswith("/") and text.endswith("/"):
            return self._commanded(source)
        if text.startswith("^") and (wrong := regexes.wrong(text)):
            self._complain(wrong, self._take(source, ""))
        self._state = "command"
        return None

    def _begin(self, source: Source, text: str) -> None:
        self._begun = self._take(source, text)
        self._arguments = None
        self._command = escapes.command(text)
        if not text.startswith("^") and self._command.endswith("/sudoedit"):
            self._complain("sudoedit should not be specified with a path", self._begun)
            self._command = "sudoedit"

    def _on_bangs(self, source: Source, text: str) -> Token | None:
        place = self._take(source, text)
        return Token("!", "!", place) if len(text) % 2 else None

    def _on_newline(self, source: Source, text: str) -> Token:
        state, self._state = self._state, "initial"
        if state == "string":
            return self._wrong(source, "", "unexpected line break in string")
        self._continued = False
        return Token(tokens.NEWLINE, text, self._take(source, text))

    def _on_blank(self, source: Source, text: str) -> None:
        self._take(source, text)
        self._spaced = True

    def _on_continue_line(self, source: Source, text: str) -> None:
        self._take(source, text)
        self._spaced = self._continued = True

    def _on_comment(self, source: Source, text: str) -> Token:
        if not text.endswith("\n"):
            return self._wrong(source, text, "syntax error")
        self._state = "initial"
        self._continued = False
        return Token(tokens.NEWLINE, text, self._take(source, text))

    def _on_no_match(self, source: Source, text: str) -> Token:
        return self._token(source, tokens.NO_MATCH, text)


_ACTIONS: dict[str, Callable[[Lexer, Source, str], Token | None]] = {
    pattern.action: getattr(Lexer, f"_on_{pattern.action}")
    for by_character in PATTERNS.values()
    for patterns in by_character
    for pattern in patterns
}


def _longest(source: Source, patterns: tuple[Pattern, ...]) -> tuple[Pattern, str]:
    """The pattern that matches most of what is left, and what it matches."""
    best, found = patterns[-1], ""
    for pattern in patterns:
        if (pattern.first and not source.first) or (pattern.ends and source.at < source.endless):
            continue
        matched = pattern.expression.match(source.text, source.at)
        if matched is None and pattern.ends and source.text[source.at] == "^":
            source.endless = _looked_through(source)
        if matched is not None and len(matched[0]) > len(found):
            best, found = pattern, matched[0]
    return best, found


def _looked_through(source: Source) -> int:
    looked = LOOKED_THROUGH.match(source.text, source.at)
    return looked.end() if looked else 0


def _quoted(text: str, state: State, place: Place) -> Token:
    """A quoted word; outside of a value one may be a group or a netgroup."""
    if state in ("initial", "defaults") and text[:1] in _QUOTED:
        kind, empty, message = _QUOTED[text[0]]
        return Token(tokens.ERROR, message, place) if text in empty else Token(kind, text, place)
    return Token(tokens.WORD, text, place)
