"""Commands that run other commands: ``sudo``, ``env``, ``xargs``, ``sh -c``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct, field

from policyengine.documents.shell import SHELLS, Command, Variables, Word, variable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=").match


class _Wrapper(Struct, frozen=True):
    """How a command is called that runs another.

    ``valued`` are its options that take a value as the next word: letters, and long ones with their dashes;
    ``operands`` stand before the command; ``assigns``: ``NAME=value`` may stand before it; with one of the options
    ``silent`` it runs none.
    """

    valued: str = ""
    operands: int = 0
    assigns: bool = False
    silent: str = ""
    long: frozenset[str] = field(default_factory=frozenset)


def _long(words: str) -> frozenset[str]:
    return frozenset(f"--{word}" for word in words.split())


_SUDO = _Wrapper("CDghpRrTtUu", assigns=True, long=_long("user group host prompt chdir chroot role type other-user"))
_WRAPPERS = {
    "builtin": _Wrapper(),
    "busybox": _Wrapper(),
    "chroot": _Wrapper(operands=1, long=_long("userspec groups")),
    "command": _Wrapper(silent="vV"),
    "doas": _Wrapper("uC"),
    "dumb-init": _Wrapper("r", long=_long("rewrite")),
    "eatmydata": _Wrapper(),
    "env": _Wrapper("uC", assigns=True, long=_long("unset chdir")),
    "exec": _Wrapper("a"),
    "fakeroot": _Wrapper("lsib", long=_long("lib faked")),
    "gosu": _Wrapper(operands=1),
    "ionice": _Wrapper("cn", long=_long("class classdata"), silent="pPu"),
    "linux32": _Wrapper(),
    "linux64": _Wrapper(),
    "nice": _Wrapper("n", long=_long("adjustment")),
    "nohup": _Wrapper(),
    "runuser": _Wrapper("ugGs", long=_long("user group supp-group shell")),
    "setsid": _Wrapper(),
    "stdbuf": _Wrapper("ioe", long=_long("input output error")),
    "su-exec": _Wrapper(operands=1),
    "sudo": _SUDO,
    "time": _Wrapper("fo", long=_long("format output")),
    "timeout": _Wrapper("sk", operands=1, long=_long("signal kill-after")),
    "tini": _Wrapper("pe"),
    "xargs": _Wrapper("aEILnPsd", long=_long("arg-file delimiter max-args max-procs max-chars replace")),
}
_WITH_COMMAND = frozenset(("su", "runuser"))
"""They take a script as the value of -c."""
_SHELL_OPTIONS = _Wrapper("oO", long=_long("rcfile init-file"))


def name_of(word: Word) -> str | None:
    """The program that a word names, without its directory; None where a variable decides."""
    base = word.text.rpartition("/")[2]
    return None if not word.known and ("$" in base or "`" in base) else base


def wrapped(words: Sequence[Word]) -> tuple[Sequence[Word], Variables] | None:
    """The command that a command runs, and the variables that are set for it; None when it runs none."""
    name = name_of(words[0]) or ""
    wrapper = _WRAPPERS.get(name)
    if wrapper is None or (name in _WITH_COMMAND and script_option(words)):
        return None
    at = _past_options(words, 1, wrapper)
    if at is None:
        return None
    found: list[tuple[str, str | None]] = []
    while wrapper.assigns and at < len(words) and _ASSIGNMENT(words[at].text):
        found.append(variable(words[at].text, known=words[at].known))
        at += 1
    inner = words[at + wrapper.operands :]
    return (inner, tuple(found)) if inner else None


def _past_options(words: Sequence[Word], at: int, wrapper: _Wrapper) -> int | None:
    """The index of the first word that is no option; None where an option says that nothing is run."""
    while at < len(words) and (text := words[at].text).startswith("-") and text != "-":
        at += 1
        if text == "--":
            break
        if not text.startswith("--") and set(wrapper.silent).intersection(text[1:]):
            return None
        at += _takes_next(text, wrapper)
    return at


def _takes_next(option: str, wrapper: _Wrapper) -> bool:
    """Whether an option's value is the next word: ``-u root``, not ``-uroot``, nor ``--user=root``."""
    if option.startswith("--"):
        return option in wrapper.long
    first = next((at for at, letter in enumerate(option[1:], 1) if letter in wrapper.valued), None)
    return first is not None and first == len(option) - 1


def scripts(command: Command) -> Iterator[Word]:
    """The scripts that a command is given to run: ``sh -c '...'``, ``su -c '...'``, ``eval '...'``, ``sh <<EOF``."""
    words = command.words
    name = name_of(words[0])
    if name in SHELLS:
        script = script_option(words)
        if script:
            yield script
        elif command.script and _reads_input(words):
            yield command.script
    elif name in _WITH_COMMAND:
        script = script_option(words)
        if script:
            yield script
    elif name == "eval" and len(words) == 2:
        yield words[1]


def script_option(words: Sequence[Word]) -> Word | None:
    """The value of ``-c``, which may stand among other letters: ``-exc``."""
    at = 1
    while at < len(words):
        text = words[at].text
        at += 1
        if text.startswith(("-", "+")) and not text.startswith("--") and "c" in text:
            break
        if text.startswith(("-", "+")):
            at += _takes_next(text, _SHELL_OPTIONS)
    else:
        return None
    rest = iter(words[at:])
    # Options may stand between -c and the script.
    return next((word for word in rest if not word.text.startswith(("-", "+")) or " " in word.text), None)


def _reads_input(words: Sequence[Word]) -> bool:
    """Whether a shell reads its script from its input: no file is named, or -s is given."""
    at = _past_options(words, 1, _SHELL_OPTIONS)
    return at is None or at >= len(words) or words[at].text == "-" or any(w.text == "-s" for w in words[1:at])


def found_by_find(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """The commands of ``find -exec ... ;``."""
    if name_of(words[0]) != "find":
        return
    start: int | None = None
    for at, word in enumerate(words):
        if word.text in ("-exec", "-execdir", "-ok", "-okdir"):
            start = at + 1
        elif word.text in (";", "+") and start is not None:
            if at > start:
                yield words[start:at]
            start = None
