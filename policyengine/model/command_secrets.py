"""Secrets among the arguments of well-known commands: ``curl -u admin:...``, ``mysql -p...``, ``docker login -p ...``.

Which options take one is told by the commands' manual pages: curl(1), mysql(1), sshpass(1), useradd(8),
docker-login(1), redis-cli(1), ldapsearch(1), mongosh(1), twine(1); and netrc(5) has the passwords of hosts.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from policyengine.model.secret_names import names_secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Kind = Literal["user", "secret"]
"""Whether a value is a name, a colon and a password, or a secret as a whole."""

_CURL = r"(?P<user>-[#0-9fgGiIjJklLMnNOqRsSvZa]*[uU]|--(?:proxy-)?user(?:=|\Z))|(?P<secret>--oauth2-bearer(?:=|\Z))"
_OPTIONS = {
    "curl": re.compile(rf"(?:{_CURL})(?P<rest>.*)", re.DOTALL).fullmatch,
    "login": re.compile(r"(?P<secret>-p=?)(?P<rest>.*)", re.DOTALL).fullmatch,
    "useradd": re.compile(r"(?P<secret>-[bDlmMNoOrRUL]*p)(?P<rest>.*)", re.DOTALL).fullmatch,
    "mysql": re.compile(r"(?P<secret>-p)(?P<rest>.*)", re.DOTALL).fullmatch,
    "redis-cli": re.compile(r"(?P<secret>-a)(?P<rest>.*)", re.DOTALL).fullmatch,
    "ldap": re.compile(r"(?P<secret>-w)(?P<rest>.*)", re.DOTALL).fullmatch,
}
"""What an option is that takes a secret, and what of that stands in the same word."""

_ASKS = "mysql"
"""Without a password in the same word it asks for one."""

_COMMANDS = {
    "curl": "curl",
    **dict.fromkeys(("useradd", "usermod", "adduser"), "useradd"),
    **dict.fromkeys(("sshpass", "mongo", "mongosh", "mongodump", "mongorestore", "mongoimport", "twine"), "login"),
    **dict.fromkeys(("mysql", "mysqladmin", "mysqldump", "mysqlimport", "mysqlshow", "mysqlcheck"), "mysql"),
    **dict.fromkeys(("mariadb", "mariadb-admin", "mariadb-dump", "mariadb-import", "mariadb-check"), "mysql"),
    "redis-cli": "redis-cli",
    **dict.fromkeys(("ldapsearch", "ldapadd", "ldapmodify", "ldapdelete", "ldapwhoami", "ldappasswd"), "ldap"),
    **dict.fromkeys(("docker", "podman", "nerdctl", "buildah", "skopeo", "helm", "oras", "crane"), ""),
    **dict.fromkeys(("regctl", "az", "oc", "cf", "mkdir"), ""),
}
"""By the command's name; nothing for those that take a secret only where they log in."""

_PORT = re.compile(r"[0-9.]*:[0-9.:-]+(?:/\w+)?").fullmatch
"""``-p8080:80`` publishes a port, also of a container that is called mysql."""

_NAMED = (
    *("curl", "user(?:add|mod)", "adduser", "sshpass", "mongo[a-z]*", "twine", "mysql[a-z]*", "mariadb", "redis-cli"),
    *("ldap[a-z]+", "login", "machine", r"default(?:\s|\\n)+(?:login|account|password)"),
)
_LISTED = r"""(?m:^[ \t]*-[ \t]+["']?--?(?i:[\w-]*(?:pass|secret|token|key|cred|pw)))"""


@cache
def _gate() -> Any:
    """What a text has that has such arguments, looked for by RE2 at once: few texts get past it."""
    import re2

    options = re2.Options()
    options.never_capture = True
    return re2.compile(rf"\b(?:{'|'.join(_NAMED)})\b|{_LISTED}".encode(), options)


class Taken(Struct, frozen=True):
    """The secret of an option: its kind, where in the option's word it begins, and whether it is the next word."""

    kind: Kind
    at: int
    is_next: bool


class Command:
    """A command whose words are told one after the other."""

    def __init__(self) -> None:
        self._takes: str = ""
        self.is_known = False

    def takes(self, word: str) -> Taken | None:
        """Whether a word is an option that takes a secret."""
        if word.startswith("-"):
            return self._option(word)
        name = word.rpartition("/")[2]
        if name in _COMMANDS:
            self._takes, self.is_known = _COMMANDS[name], True
        elif name == "login" and self.is_known and not self._takes:
            self._takes = "login"
        return None

    def _option(self, word: str) -> Taken | None:
        found = _OPTIONS[self._takes](word) if self._takes else None
        if found is None:
            return Taken("secret", len(word), True) if _IS_OPTION(word) and names_secret(word) else None
        if _PORT(found["rest"]):
            return None
        kind: Kind = "secret" if found.groupdict().get("user") is None else "user"
        return Taken(kind, found.start("rest"), not found["rest"] and self._takes != _ASKS)


_IS_OPTION = re.compile(r"--?[A-Za-z][\w.-]*").fullmatch


def among(words: Sequence[object], before: Sequence[object] = ()) -> Iterator[tuple[int, Kind, int]]:
    """Which words of a command hold a secret, of which kind, and where in the word it begins.

    ``before`` are words that stand before them: the command's name, an entry point.
    """
    command, next_is = Command(), None
    for number, word in enumerate((*before, *words), -len(before)):
        if next_is is not None and isinstance(word, str) and not word.startswith("-"):
            if number >= 0:
                yield number, next_is, 0
            next_is = None
            continue
        next_is = None
        found = command.takes(word) if isinstance(word, str) else None
        if found is not None and found.is_next:
            next_is = found.kind
        elif found is not None and number >= 0:
            yield number, found.kind, found.at


class Found(Struct, frozen=True):
    """A secret in a text: where it begins and ends, and its kind."""

    start: int
    end: int
    kind: Kind


_STEP = re.compile(
    r"""(?x)
      \\[ \t]*+\r?\n
    | (?P<dash> \n[ \t]*+-[ \t]++ )
    | (?P<key> \n[ \t]*+["']?(?:args|command)["']?[ \t]*+: )
    | (?P<end> [\n;|&`)] | \$\( )
    | (?P<word> [^\s"'`;|&()\[\]{},\\]++ )
    | [ \t\r"'(\[\]{},]++ | .
    """,
    re.DOTALL,
)
_GAP = re.compile(
    r"""(?x) (?:\\?["'])?+ (?: [ \t]*+,[ \t]*+ | [ \t]*+\\[ \t]*+\r?\n[ \t]*+ | [ \t]*+\n[ \t]*+-[ \t]++ | [ \t]++ )
    (?! \\?["']?- | [;|&\n] )
    """
).match
"""What stands between an option and its value: in a shell's line, in a list in brackets, in one of lines."""
_ATTACHED = re.compile(r"""(?=\\?(["'])[^\s,\]"'](?:(?!\1)[^\\\n])*+\\?\1)""").match
_VALUE = re.compile(
    r"""(?x)
      \\"[^"\\\n]*+(?:\\")?+ | \\'[^'\\\n]*+(?:\\')?+ | "(?:[^"\\\n]|\\.)*+"?+ | '[^'\n]*+'?+
    | (?: \$\{[^{}\s]*+\} | [^\s"'`;|&()\[\]{}\\,] | ,(?=[^\s"']) | \\(?!["'\s]). | [{}\[\]()](?=\w) )++
    """
).match


def secrets(text: str) -> list[Found]:
    """The secrets among the arguments of commands in a text, in the order in which they are written."""
    if _gate().search(text.encode(errors="replace")) is None:
        return []
    return sorted((*_of_commands(text), *_of_netrc(text)), key=lambda found: found.start)


def _of_commands(text: str) -> Iterator[Found]:
    command, at, words = Command(), 0, 0
    while step := _STEP.match(text, at):
        at = step.end()
        if step["end"] or (step["dash"] and words > 1):  # the item before was a whole script's line
            command = Command()
        words = words + bool(step["word"]) if step.lastgroup in (None, "word") else 0
        taken = command.takes(step["word"]) if step["word"] else None
        if taken is None:
            continue
        found = _taken(text, step, taken)
        if found is not None:
            yield found
            at = found.end


def _taken(text: str, step: re.Match[str], taken: Taken) -> Found | None:
    """The value of an option: the rest of its word, what is quoted right after it, or the next word."""
    start = step.start() + taken.at
    if start == step.end() and not _is_attached(text, step):
        gap = _GAP(text, start) if taken.is_next else None
        if gap is None:
            return None
        start = gap.end()
    value = _VALUE(text, start)
    return Found(start, value.end(), taken.kind) if value else None


def _is_attached(text: str, step: re.Match[str]) -> bool:
    """Whether a quote that follows a word begins one: ``-p'...'``, not ``"-p"``."""
    return text[max(step.start() - 1, 0)] not in "\"'" and _ATTACHED(text, step.end()) is not None


_BLANK = r"(?:[ \t\r\n]|\\n)++"
_PLAIN = r"""(?:[^\s"'\\]|\\(?![n"']))++"""
_NETRC = re.compile(
    rf"""(?x) (?<![\w.-]) (?: machine{_BLANK}{_PLAIN}{_BLANK} | default{_BLANK} )
    (?: (?:login|account){_BLANK}{_PLAIN}{_BLANK} ){{0,2}}+ password{_BLANK} (?P<value>{_PLAIN})
    """
)


def _of_netrc(text: str) -> Iterator[Found]:
    return (Found(*found.span("value"), "secret") for found in _NETRC.finditer(text))
