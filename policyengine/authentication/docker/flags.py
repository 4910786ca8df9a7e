"""dockerd's flags as it parses them: https://pkg.go.dev/github.com/spf13/pflag."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.docker.options import BY_FLAG, BY_LETTER, FLAGS_ONLY
from policyengine.authentication.docker.setting import RefusedError, is_integer, parsed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.authentication.docker.options import Form


def flags(arguments: Sequence[str]) -> tuple[dict[str, object], dict[str, str]]:
    """What arguments set, by the keys of daemon.json, and the flags that it has no keys for.

    Raises :class:`RefusedError` for what dockerd does not take.
    """
    found: dict[str, object] = {}
    own: dict[str, str] = {}
    waiting = list(reversed(arguments))
    while waiting:
        word = waiting.pop()
        if word == "--" or not word.startswith("-") or word == "-":
            raise RefusedError(f"dockerd takes no argument {_shown(word)}")
        for name, value in _read(word, waiting):
            if name in FLAGS_ONLY:
                own[name] = value
            else:
                _put(found, name, value)
    return found, own


def _shown(word: str) -> str:
    return f'"{word.partition("=")[0]}"'


def _read(word: str, waiting: list[str]) -> list[tuple[str, str]]:
    """The flags of a word, with their values, of which one may be the next word."""
    if not word.startswith("--"):
        return _letters(word[1:], waiting)
    name, equals, value = word[2:].partition("=")
    form = _form(name)
    if not equals:
        value = "true" if form == "boolean" else _next(name, waiting)
    return [(name, value)]


def _letters(letters: str, waiting: list[str]) -> list[tuple[str, str]]:
    """One-letter flags: ``-D``, ``-H fd://``, ``-Hfd://``, ``-H=fd://``, ``-DH fd://``."""
    option = BY_LETTER.get(letters[0])
    if option is None:
        raise RefusedError(f'dockerd has no flag "-{letters[0]}"')
    rest = letters[1:]
    if rest.startswith("="):
        return [(option.flag, rest[1:])]
    if option.form != "boolean":
        return [(option.flag, rest or _next(option.flag, waiting))]
    return [(option.flag, "true"), *(_letters(rest, waiting) if rest else ())]


def _next(name: str, waiting: list[str]) -> str:
    if not waiting:
        raise RefusedError(f"--{name} needs an argument")
    return waiting.pop()


def _form(name: str) -> Form:
    form = FLAGS_ONLY.get(name) or (BY_FLAG[name].form if name in BY_FLAG else None)
    if form is None:
        raise RefusedError(f'dockerd has no flag "--{name}"')
    return form


def _put(found: dict[str, object], name: str, value: str) -> None:
    """Add a flag's value to what its key has already."""
    option = BY_FLAG[name]
    before = found.get(option.key)
    if option.form == "list":
        found[option.key] = [*(before if isinstance(before, list) else ()), value]
    elif option.form == "map":
        key, _, text = value.partition("=")
        found[option.key] = {**(before if isinstance(before, dict) else {}), key: text}
    elif option.form == "objects":
        found[option.key] = {**(before if isinstance(before, dict) else {}), **_named(option.key, value)}
    else:
        found[option.key] = parsed(option, value)


def _named(key: str, value: str) -> dict[str, object]:
    """``nofile=64:64`` of a limit, ``NAME=PATH`` of a runtime."""
    name, _, rest = value.partition("=")
    if key == "default-ulimits":
        soft, _, hard = rest.partition(":")
        if not all(is_integer(number) for number in (soft, hard or soft)):
            raise RefusedError(f'"{name}" is no limit: NAME=SOFT:HARD is expected')
        return {name: {"Name": name, "Soft": int(soft), "Hard": int(hard or soft)}}
    return {name: {}}
