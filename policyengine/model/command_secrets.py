"""Secrets among the arguments of well-known commands, and in what is written to their input:

``curl -u admin:...``, ``mysql -p...``, ``docker login -p ...``, ``echo root:... | chpasswd``; and, by netrc(5), the
passwords of hosts.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from policyengine.model.command_input import Written, here
from policyengine.model.command_options import SEPARATORS, Command, Kind, Taken
from policyengine.model.header_secrets import HEADER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NAMES = """
curl user(?:add|mod) adduser sshpass mongo[a-z]* twine cqlsh ncftp(?:put|get) mysql[a-z]* mariadb[a-z-]*
(?:redis|valkey)-cli ldap[a-z]+ slappasswd sqlcmd bcp ipmitool (?:un)?rar 7z[arz]? flyctl|fly|vercel|codecov lftp login
smbclient rpcclient smbget snmp[a-z]+ etcdctl htpasswd sqlplus from-literal unseal rabbitmqctl poetry|composer|bundle
(?:add-)?authtoken nmcli wpa_passphrase encrypt_string chpasswd kinit cryptsetup vncpasswd smbpasswd passphrase-fd
password-stdin machine
"""
_NEXT = r"[\"',\s]+"
_NAMED = (
    *(*_NAMES.split(), r"wget\b[^\n]*header", r"(?:un)?zip\b[^\n]*-P", rf"openssl{_NEXT}(?:enc|passwd)"),
    *(rf"gh{_NEXT}secret", rf"nuget{_NEXT}(?:push|add|set[aA]pi[kK]ey)", rf"influx{_NEXT}setup", rf"auth{_NEXT}init"),
    *(
        rf"snyk{_NEXT}auth",
        rf"net{_NEXT}ads",
        rf"secret{_NEXT}create",
        rf"kv{_NEXT}(?:put|patch)",
        rf"(?:alias|host){_NEXT}(?:set|add)",
    ),
    *(r"sudo\b[^\n]*[ \t\"',]-(?:[a-zA-Z]*S|-stdin)", r"default(?:\s|\\n)+(?:login|account|password)"),
    r"(?:https?|xh)[ \t\"',]+-[a-z-]*",
)
_READING = r"\|[^\n]*\bpasswd\b|\bpasswd\b[^\n]*<<"
_LISTED = r"""(?m:^[ \t]*-[ \t]+["']?--?(?i:[\w-]*(?:pass|secret|token|key|cred|pw)))"""


def before(of: object, key: object) -> Sequence[object]:
    """The words that stand before a list of arguments: the name of a call, a container's entry point."""
    if not isinstance(of, dict):
        return ()
    if key == "args":
        return (of.get("name"),)
    entrypoint = of.get("entrypoint") if key == "command" else None
    return entrypoint if isinstance(entrypoint, list) else ()


def parted(written: str, kind: Kind) -> tuple[str, str, str]:
    """What stands before the secret in an argument, the secret, in the quotes that are its own, and what follows it."""
    if kind in ("whole", "drawn"):
        return "", written, ""
    if kind == "header":
        return _of_header(written)
    user, separator, password = written.partition(SEPARATORS[kind])
    if not separator or (kind == "slash" and not user):
        return written, "", ""
    quote = unquoted(user)[0]
    closing = quote if quote and password.endswith(quote) else ""
    return f"{user}{separator}", password.removesuffix(closing) if closing else password, closing


def _of_header(written: str) -> tuple[str, str, str]:
    """Of ``Cookie: session=...`` what proves who asks."""
    quote = unquoted(written)[0]
    found = HEADER.search(f'"{written[len(quote) :]}')
    if found is None:
        return written, "", ""
    start, end = (at - 1 + len(quote) for at in found.span("value"))
    return written[:start], written[start:end], written[end:]


def unquoted(written: str) -> tuple[str, str, str]:
    """The quote that a text begins with, what is in it, and the same quote where it ends with it."""
    quote = next((quote for quote in ('\\"', "\\'", '"', "'") if written.startswith(quote)), "")
    inner = written[len(quote) :]
    closing = quote if quote and inner.endswith(quote) else ""
    return quote, inner.removesuffix(closing) if closing else inner, closing


@cache
def _gate() -> Any:
    """What a text has that has such arguments, looked for by RE2 at once: few texts get past it."""
    import re2

    options = re2.Options()
    options.never_capture = True
    return re2.compile(rf"\b(?:{'|'.join(_NAMED)})\b|{_READING}|{_LISTED}".encode(), options)


def among(
    words: Sequence[object], before: Sequence[object] = (), *, by_name: bool = True
) -> Iterator[tuple[int, Kind, int]]:
    """Which words of a command hold a secret, of which kind, and where in the word it begins.

    ``before`` are words that stand before them: the command's name, an entry point. ``by_name`` counts what follows
    any option whose name names a secret, whatever command takes it.
    """
    command, next_is, skipping = Command(by_name=by_name), None, 0
    for number, word in enumerate((*before, *words), -len(before)):
        is_operand = isinstance(word, str) and not word.startswith("-")
        if next_is is not None and is_operand and not skipping:
            if number >= 0:
                yield number, next_is, 0
            next_is = None
            continue
        found = command.takes(word) if isinstance(word, str) else None
        if found is not None and not found.is_next and number >= 0:
            yield number, found.kind, found.at
        if found is not None:
            next_is, skipping = (found.kind if found.is_next else None), found.skipping
        elif skipping and is_operand:
            skipping -= 1
        else:
            next_is, skipping = None, 0


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
    | (?P<end> \|[|&]? | (?<![<>])&&?(?!>) | [\n;`)] | \$\( )
    | (?P<word> [^\s"'`;|&()\[\]{},\\]++ )
    | [ \t\r"'(\[\]{},]++ | .
    """,
    re.DOTALL,
)
_GAP = re.compile(
    r"""(?x) (?:\\?["'])?+ (?: [ \t]*+,[ \t]*+ | [ \t]*+\\[ \t]*+\r?\n[ \t]*+ | [ \t]*+\n[ \t]*+-[ \t]++ | [ \t]++ )
    (?! \\?["']?- | [;|&\n] | <[<\s] )
    """
).match
"""What stands between an option and its value: in a shell's line, in a list in brackets, in one of lines."""
_ATTACHED = re.compile(r"""(?=\\?(["'])[^\s,\]"'](?:(?!\1)[^\\\n])*+\\?\1)""").match
_VALUE = re.compile(
    r"""(?x)
      \\"[^"\\\n]*+(?:\\")?+ | \\'[^'\\\n]*+(?:\\')?+ | '[^'\n]*+'?+
    | "(?:[^"\\\n$] | \\. | \$\((?:[^()\n]|\([^()\n]{0,200}+\)){0,200}+\) | \$ )*+"?+
    | (?: \$\{[^{}\s]*+\} | [^\s"'`;|&()\[\]{}\\,] | ,(?=[^\s"']) | \\(?!["'\s]). | [{}\[\]()](?=\w) )++
    """
).match


def secrets(text: str, *, by_name: bool = True) -> list[Found]:
    """The secrets among the arguments of commands in a text, in the order in which they are written.

    ``by_name`` is that of :func:`among`.
    """
    if _gate().search(text.encode(errors="replace")) is None:
        return []
    return sorted((*_of_commands(text, by_name), *_of_netrc(text)), key=lambda found: found.start)


def _of_commands(text: str, by_name: bool) -> Iterator[Found]:
    command, at, words, written = Command(by_name=by_name), 0, 0, Written()
    while step := _STEP.match(text, at):
        at = step.end()
        written.passes(step)
        if step["end"] or (step["dash"] and words > 1):  # the item before was a whole script's line
            command = Command(by_name=by_name)
        words = words + bool(step["word"]) if step.lastgroup in (None, "word") else 0
        if not step["word"]:
            continue
        taken = command.takes(step["word"])
        yield from _read(text, step, command, written)
        found = _taken(text, step, taken) if taken else None
        if found is not None and _is_of_its_kind(text, found) and not text.startswith("$(", found.start):
            yield found
            at = found.end


def _read(text: str, step: re.Match[str], command: Command, written: Written) -> Iterator[Found]:
    """The secrets that a command reads from its input."""
    if command.reads is None:
        return
    for span, is_parted in written.read(text):
        yield Found(*span, "whole" if is_parted else command.reads)
    if step["word"].startswith("<<"):
        yield from (Found(*span, command.reads) for span in here(text, step.start()))


def _is_of_its_kind(text: str, found: Found) -> bool:
    """Whether a value is written as those of its kind are: with a colon, for example."""
    return found.kind not in SEPARATORS or SEPARATORS[found.kind] in text[found.start : found.end]


def _taken(text: str, step: re.Match[str], taken: Taken) -> Found | None:
    """The value of an option: the rest of its word, what is quoted right after it, or another word."""
    start = step.start() + taken.at
    if start == step.end() and (taken.skipping or not _is_attached(text, step)):
        after = _after(text, start, taken.skipping) if taken.is_next else None
        if after is None:
            return None
        start = after
    value = _VALUE(text, start)
    return Found(start, value.end(), taken.kind) if value else None


def _after(text: str, at: int, skipping: int) -> int | None:
    """Where the next word begins, or one after it."""
    for _ in range(skipping):
        gap = _GAP(text, at)
        word = _VALUE(text, gap.end()) if gap else None
        if word is None:
            return None
        at = word.end()
    gap = _GAP(text, at)
    return gap.end() if gap else None


def _is_attached(text: str, step: re.Match[str]) -> bool:
    """Whether a quote that follows a word begins one: ``-p'...'``, not ``"-p"``."""
    return text[max(step.start() - 1, 0)] not in "\"'" and _ATTACHED(text, step.end()) is not None


_BLANK = r"(?:[ \t\r\n]|\\n)++"
_PLAIN = r"""(?:[^\s"'\\]|\\(?![n"']))++"""
_NETRC = re.compile(
    rf"""(?x) (?<![\w.-]) (?: machine{_BLANK}{_PLAIN}{_BLANK} | default{_BLANK}(?=login{_BLANK}(?!anonymous)) )
    (?: (?:login|account){_BLANK}{_PLAIN}{_BLANK} ){{0,2}}+ password{_BLANK} (?P<value>{_PLAIN})
    """
)


def _of_netrc(text: str) -> Iterator[Found]:
    return (Found(*found.span("value"), "whole") for found in _NETRC.finditer(text))
