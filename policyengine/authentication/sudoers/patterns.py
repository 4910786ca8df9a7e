"""The scanner's patterns, by its states: the longest match counts, and of equally long ones the first.

A pattern of several lengths is written so that ``re`` finds its longest match.
"""

from __future__ import annotations

import re
from typing import Literal

from msgspec import Struct

State = Literal[
    "initial", "defaults", "command", "regex", "variable", "value", "string", "digest", "include", "path"
]  # fmt: skip
"""sudo's INITIAL, GOTDEFS, GOTCMND, GOTREGEX, STARTDEFS, INDEFS, INSTR, WANTDIGEST, GOTINC and EXPECTPATH."""

STATES: tuple[State, ...] = (
    "initial", "defaults", "command", "regex", "variable", "value", "string", "digest", "include", "path"
)  # fmt: skip

_OPEN: tuple[State, ...] = ("initial", "defaults", "digest", "path")
"""States in which the patterns without states count as well."""


class Pattern(Struct, frozen=True):
    """A pattern, what is done with what it matches, and whether it counts at the beginning of a line only.

    ``ends``: whether it has to end in a certain character: where it is not found, the pattern need not be tried again
    before the end of what was looked through.
    """

    expression: re.Pattern[str]
    action: str
    first: bool
    ends: bool


_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})"
_IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_HEX = r"[0-9A-Fa-f]{1,4}"
_IPV6 = (rf"(?:(?:{_HEX})?:){{2,7}}(?:{_HEX})?", rf"(?:(?:{_HEX})?:){{2,6}}:{_IPV4}")
_IPV6_BITS = r"(?:12[0-8]|1[01][0-9]|[1-9][0-9]|[0-9])"
_WORD = r"(?:[^#>!=:,() \t\r\n\\\"]|\\[^\t\n])+"
_ID = r"#-?[0-9]+"
_PATH = r"/(?:\\[,:= \t#]|[^,:=\\ \t\r\n#])+"
_INSIDE = r"(?:\\[#$]|[^#\r\n$])*"
_REGEX = rf"\^{_INSIDE}\$"

LOOKED_THROUGH = re.compile(_INSIDE)
"""How far the end of a regular expression is looked for."""

_VALUE = r"(?:[^#!=, \t\r\n\\\"]|\\[^\r\n])(?:[^#=, \t\r\n\\\"]|\\[^\r\n])*"

TAGS = (
    "NOPASSWD", "PASSWD", "NOEXEC", "EXEC", "INTERCEPT", "NOINTERCEPT", "SETENV", "NOSETENV", "LOG_OUTPUT",
    "NOLOG_OUTPUT", "LOG_INPUT", "NOLOG_INPUT", "MAIL", "NOMAIL", "FOLLOW", "NOFOLLOW",
)  # fmt: skip
OPTIONS = ("TIMEOUT", "NOTBEFORE", "NOTAFTER", "ROLE", "TYPE", "APPARMOR_PROFILE")
PATH_OPTIONS = ("CWD", "CHROOT")

_Row = tuple[tuple[State, ...], str, str]


def _addresses() -> list[_Row]:
    masked = [rf"{one}/{mask}" for one in _IPV6 for mask in (*_IPV6, _IPV6_BITS)]
    return [
        (_OPEN, rf"(?=[0-9]){_IPV4}(?:/{_IPV4})?", "address"),
        (_OPEN, rf"(?=[0-9]){_IPV4}/(?:3[0-2]|[12]?[0-9])", "address"),
        *((_OPEN, rf"(?=[0-9A-Fa-f:]){one}", "ipv6") for one in (*_IPV6, *masked)),
    ]


_ROWS: list[_Row] = [
    (("defaults",), r"[ \t]*,[ \t]*", "literal"),
    (("defaults",), r"[ \t]+", "begin_variable"),
    (("variable",), r"[a-z_]+", "variable"),
    (("value",), r",", "next_variable"),
    (("value",), r"\+=|-=|=", "operator"),
    (("value",), r'"', "begin_string"),
    (("value",), _VALUE, "word"),
    (("string",), r"\\[ \t]*\r?\n[ \t]*", "continue_string"),
    (("string",), r'"', "end_string"),
    (("string",), r"\\", "append"),
    (("string",), r'(?:[^"\r\n\\]|\\")+', "append"),
    (("command",), r"\\[*?\[\]!^]", "argument"),
    (("command",), r"\\[:\\,= \t#]", "escaped_argument"),
    (("command",), r"[#:,=\r\n]", "end_command"),
    (("command",), r"[^#\\:, \t\r\n]+", "argument_word"),
    (("regex",), r"\\[^\r\n]", "regex_part"),
    (("regex",), r"[#\r\n]", "unterminated_regex"),
    (("regex",), r"\$", "end_regex"),
    (("regex",), r"[^#\\\r\n$]+", "regex_part"),
    (("digest",), r"[0-9A-Fa-f]+", "hex_digest"),
    (("digest",), r"[A-Za-z0-9+/=]+", "base64_digest"),
    (("initial",), r"@include", "include"),
    (("initial",), r"@includedir", "include"),
    (("initial",), r"^#include[ \t]+[^\n]*\n?", "include"),
    (("initial",), r"^#includedir[ \t]+[^\n]*\n?", "include"),
    (("initial",), rf"^[ \t]*Defaults(?:[:@>!][ \t]*!*\"?(?:{_ID}|{_WORD}))?", "defaults"),
    (("initial",), r"^[ \t]*(?:Host|Cmnd|Cmd|User|Runas)_Alias", "alias_kind"),
    *((_OPEN, rf"{tag}[ \t]*:", "tag") for tag in TAGS),
    (("initial", "defaults"), r"\+|%:?", "empty_group"),
    (_OPEN, rf"\+{_WORD}", "netgroup"),
    (_OPEN, rf"%:?(?:{_WORD}|{_ID})", "group"),
    *_addresses(),
    (_OPEN, r"ALL", "literal"),
    *((("initial",), option, "literal") for option in OPTIONS),
    *((("initial",), option, "expect_path") for option in PATH_OPTIONS),
    (_OPEN, r"[A-Z][A-Z0-9_]*", "alias"),
    (("defaults",), _PATH, "lone_command"),
    (("defaults",), _REGEX, "lone_command"),
    (("defaults",), r"sudoedit", "lone_command"),
    (_OPEN, r"sha(?:224|256|384|512)", "digest_kind"),
    (_OPEN, r"sudoedit", "begin_command"),
    (("path",), _PATH, "path_word"),
    (("path",), _WORD, "path_word"),
    (_OPEN, _PATH, "begin_command"),
    (_OPEN, _REGEX, "begin_command"),
    (("initial", "defaults"), r'"', "begin_string"),
    (("initial", "defaults"), _ID, "word"),
    (("initial", "defaults"), _WORD, "word"),
    (("include",), r"[^\"\s](?:\\[ \t]|[^\s])*", "included"),
    (("include",), r'"', "begin_included"),
    (_OPEN, r"[(),=:]", "literal"),
    (STATES, r"!+", "bangs"),
    (STATES, r"\r?\n", "newline"),
    (STATES, r"[ \t]+", "blank"),
    (STATES, r"\\[ \t]*\r?\n", "continue_line"),
    (("initial", "variable", "value"), r"#(?:-[^\r\n0-9][^\n]*|[^\r\n0-9-][^\n]*)?(?:\r?\n)?", "comment"),
    (STATES, r"[^\n]", "no_match"),
]


_FIRST = re.compile(r"(?:\(\?=)?(\[(?:\\.|[^\]\\])+\]|\\.|[A-Za-z0-9@#/!,%\"=])(?![*?{|])")
"""What an expression begins with: a set of characters, or one; an alternative begins with nothing certain."""

_OTHERS = 128
"""Stands for all characters that are not ASCII."""


def _begins(expression: str) -> re.Pattern[str] | None:
    """What a match begins with; None where it is not certain."""
    found = _FIRST.match(expression)
    return re.compile(found[1], re.ASCII) if found and "|" not in expression.partition("(")[0] else None


def _patterns(state: State) -> tuple[tuple[Pattern, ...], ...]:
    rows = [(expression, action) for states, expression, action in _ROWS if state in states]
    made = [
        (
            _begins(one.removeprefix("^")),
            Pattern(re.compile(one.removeprefix("^"), re.ASCII), action, one.startswith("^"), one == _REGEX),
        )
        for one, action in rows
    ]
    characters = [chr(code) for code in range(_OTHERS)] + ["\u0100"]
    return tuple(
        tuple(pattern for begins, pattern in made if begins is None or begins.match(character))
        for character in characters
    )


PATTERNS: dict[State, tuple[tuple[Pattern, ...], ...]] = {state: _patterns(state) for state in STATES}
"""By state and by the code of the character that is next; what is not ASCII comes last."""


def candidates(state: State, character: str) -> tuple[Pattern, ...]:
    """The patterns that can match where a character is next."""
    return PATTERNS[state][min(ord(character), _OTHERS)]
