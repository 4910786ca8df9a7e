"""How the client's directives take their arguments, where they do so otherwise than sshd's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.sshd import numbers, values
from policyengine.authentication.sshd.line import FatalError
from policyengine.authentication.sshd.options import add, put
from policyengine.authentication.sshd.patterns import in_list
from policyengine.authentication.sshd.words import lower

if TYPE_CHECKING:
    from policyengine.authentication.sshd.directives import Handler
    from policyengine.authentication.sshd.line import Line
    from policyengine.authentication.sshd.options import Options

FLAG = {"yes": "yes", "true": "yes", "no": "no", "false": "no"}
ASK = {**FLAG, "ask": "ask"}
STRICT = {**ASK, "off": "no", "accept-new": "accept-new"}
CONTROL = {**ASK, "auto": "auto", "autoask": "autoask"}
TUNNEL = {**FLAG, "yes": "point-to-point", "true": "point-to-point", "ethernet": "ethernet"}
TUNNEL["point-to-point"] = "point-to-point"
TERMINAL = {**FLAG, "force": "force", "auto": "auto"}
SESSION = {"none": "none", "subsystem": "subsystem", "default": "default"}
CANONICAL = {**FLAG, "always": "always"}
PUBKEY = {**FLAG, "unbound": "unbound", "host-bound": "host-bound"}
MISSING = "Missing argument."


def text(line: Line, options: Options, active: bool, name: str) -> None:
    """One argument, as it is."""
    value = line.need(MISSING)
    if active and name not in options:
        put(options, name, (value,), line.values_at)


def time(line: Line, options: Options, active: bool, name: str) -> None:
    """A time in seconds, or ``none``, which leaves it unset."""
    value = line.need("missing time value.")
    if value != "none" and numbers.seconds(value) is None:
        raise FatalError("invalid time value.")
    if value != "none" and active and name not in options:
        put(options, name, (str(numbers.seconds(value)),), line.values_at)


def words(line: Line, options: Options, active: bool, name: str) -> None:
    """Several arguments, the first line that has any sets them; ``none`` stands alone."""
    found: list[str] = []
    for word in iter(line.next, None):
        if not word:
            raise FatalError(f"keyword {lower(line.keyword)} empty argument")
        if lower(word) == "none" and (found or line.left):
            raise FatalError(f'keyword {lower(line.keyword)} "none" argument must appear alone.')
        found.append(word)
    if active and found and name not in options:
        put(options, name, tuple(found), line.values_at)


def files(line: Line, options: Options, active: bool, name: str) -> None:
    """A file of each line; one that is there already is not added."""
    value = line.need(MISSING)
    if active and value not in (options[name].values if name in options else ()):
        add(options, name, (value,), line.values_at)


def sent(line: Line, options: Options, active: bool, name: str) -> None:
    """Patterns of variables add up; one after ``-`` takes away those that it matches."""
    for pattern in iter(line.next, None):
        if not pattern or "=" in pattern:
            raise FatalError("Invalid environment name.")
        if active and pattern.startswith("-"):
            _take_away(options, name, pattern[1:])
        elif active:
            add(options, name, (pattern,), line.values_at)


def _take_away(options: Options, name: str, pattern: str) -> None:
    had = options.pop(name, None)
    for value, place in zip(had.values, had.places, strict=True) if had else ():
        if in_list(value, pattern) != 1:
            add(options, name, (value,), place)


def agent(line: Line, options: Options, active: bool, name: str) -> None:
    """Whether an agent is forwarded, or which one: a path, or a variable that has it."""
    value = line.need("missing argument.")
    if active and name not in options:
        put(options, name, (FLAG.get(lower(value), value),), line.values_at)


def kept_keys(line: Line, options: Options, active: bool, name: str) -> None:
    """Whether an agent is given the keys that are used: a word, for which time, or both after ``confirm``."""
    first, second = line.need("unsupported option"), line.next()
    word = {**ASK, "confirm": "confirm"}.get(lower(first))
    timed = second if word == "confirm" else first if word is None and second is None else None
    if (word is None and timed is None) or (second is not None and timed is not second):
        raise FatalError("unsupported option")
    if timed is not None and numbers.seconds(timed) is None:
        raise FatalError("invalid time value." if second is not None else "unsupported option")
    seconds = numbers.seconds(timed) if timed is not None else 0
    told = f"{word or ''} {seconds or ''}".strip() or "yes"
    if active and name not in options:
        put(options, name, (told,), line.values_at)


def port(line: Line, options: Options, active: bool, name: str) -> None:
    """A port, by number or name."""
    value = line.need(MISSING)
    number = values.port_number(value, line)
    if not number:
        raise FatalError(f"Bad port '{value}'.")
    if active and name not in options:
        put(options, name, (str(number),), line.values_at)


def rest(line: Line, options: Options, active: bool, name: str) -> None:
    """All that follows: a command."""
    line.consume()
    if active and name not in options:
        put(options, name, (line.rest.lstrip(" \t\r\n="),), line.values_at)


def host_keys(of: values.Parse) -> Handler:
    """A list of algorithms."""

    def handle(line: Line, options: Options, active: bool, name: str) -> None:
        value = of(line.need(MISSING), line)
        if active and name not in options:
            put(options, name, (value,), line.values_at)

    return handle
