"""The values of sshd_config's options: each function gives one as ``sshd -T`` writes it, or refuses it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.authentication.numbers import decimal
from policyengine.authentication.sshd import numbers
from policyengine.authentication.sshd.algorithms import are_valid
from policyengine.authentication.sshd.knowledge import known
from policyengine.authentication.sshd.line import FatalError
from policyengine.authentication.sshd.words import lower

if TYPE_CHECKING:
    from collections.abc import Callable

    from policyengine.authentication.sshd.algorithms import Algorithms, Of
    from policyengine.authentication.sshd.line import Line

    Parse = Callable[[str, Line], str]

FLAG = {"yes": "yes", "no": "no"}
IGNORE_RHOSTS = {**FLAG, "shosts-only": "shosts-only"}
ADDRESS_FAMILY = {"inet": "inet", "inet6": "inet6", "any": "any"}
ROOT_LOGIN = {
    **FLAG,
    "without-password": "without-password",
    "prohibit-password": "without-password",
    "forced-commands-only": "forced-commands-only",
}
COMPRESSION = {"yes": "yes", "delayed": "yes", "no": "no"}
GATEWAY_PORTS = {**FLAG, "clientspecified": "clientspecified"}
FORWARDING = {"yes": "yes", "all": "yes", "no": "no", "remote": "remote", "local": "local"}
TUNNELS = ("no", "point-to-point", "ethernet", "yes")


def choice(values: dict[str, str]) -> Parse:
    """One of several words, in any case."""

    def parse(text: str, _line: Line) -> str:
        if (value := values.get(lower(text))) is None:
            raise FatalError(f'unsupported option "{text}".')
        return value

    return parse


def time(text: str, _line: Line) -> str:
    """A time in seconds."""
    if (value := numbers.seconds(text)) is None:
        raise FatalError("invalid time value.")
    return str(value)


def integer(text: str, line: Line) -> str:
    """A number that is not negative."""
    value = numbers.ranged(text, numbers.INT_MAX)
    if isinstance(value, str):
        raise FatalError(f"{line.keyword} integer value {value}.")
    return str(value)


def limit(text: str, line: Line) -> str:
    """A number, or ``none``."""
    if text == "none":
        return text
    value = integer(text, line)
    return "none" if value == str(numbers.INT_MAX) else value


def port_number(text: str, line: Line) -> int | None:
    """A port, by its number or the name of its service."""
    value = numbers.ranged(text, 65535)
    return value if isinstance(value, int) else line.system.services.get(text)


def expanded(text: str, line: Line) -> str:
    """A path that may begin with ``~``."""
    if not text.startswith("~"):
        return text
    user, slash, path = text[1:].partition("/")
    home = line.system.homes.get(user or "root")
    if home is None:
        raise FatalError(f"No such user {user}" if user else "No such uid 0")
    return f"{home}{'' if home.endswith('/') else '/'}{path.lstrip('/') if slash else ''}"


def path(text: str, line: Line) -> str:
    """A path, from the root of the daemon's directory where it is relative; or ``none``."""
    if lower(text) == "none":
        return "none"
    whole = expanded(text, line)
    return whole if whole.startswith("/") else f"//{whole}"


def path_as_written(text: str, _line: Line) -> str:
    """A path that is used as it is."""
    return text


def agent(text: str, line: Line) -> str:
    """The socket of an agent, or the variable that names it."""
    return text if text == "SSH_AUTH_SOCK" else path(text, line)


def provider(text: str, line: Line) -> str:
    """A library for FIDO keys, or the one that is built in."""
    return text if lower(text) == "internal" else path(text, line)


def tunnel(text: str, line: Line) -> str:
    """The devices that may be forwarded."""
    if text not in TUNNELS:
        raise FatalError(f"bad {line.keyword} argument {text}")
    return text


def mask(text: str, line: Line) -> str:
    """The mask of a socket's mode."""
    if (value := numbers.octal(text)) is None:
        raise FatalError(f"Invalid {line.keyword}.")
    return f"0{value:o}"


DIGESTS = ("MD5", "SHA1", "SHA256", "SHA384", "SHA512")


def digest(text: str, line: Line) -> str:
    """A hash that fingerprints are made with."""
    if text.upper() not in DIGESTS or not text.isascii():
        raise FatalError(f'Invalid {line.keyword} algorithm "{text}".')
    return text.upper()


FACILITIES = ("DAEMON", "USER", "AUTH", "AUTHPRIV", *(f"LOCAL{number}" for number in range(8)))
_LEVELS = ("SILENT", "FATAL", "ERROR", "INFO", "VERBOSE", "DEBUG", "DEBUG2", "DEBUG3")
LEVELS = {**{name: name for name in _LEVELS}, "QUIET": "SILENT", "DEBUG1": "DEBUG"}


def facility(line: Line) -> str:
    """The facility of syslog(3)."""
    text = line.next()
    if text is None or not text.isascii() or text.upper() not in FACILITIES:
        raise FatalError(f"unsupported log facility '{'<NONE>' if text is None else text}'")
    return text.upper()


def level(line: Line) -> str:
    """How much is logged; ``sshd -T`` writes the first of the words that mean the same."""
    text = line.next()
    name = LEVELS.get(text.upper()) if text is not None and text.isascii() else None
    if name is None:
        raise FatalError(f"unsupported log level '{'<NONE>' if text is None else text}'")
    return name


def key_names(text: str, line: Line) -> str:
    """A list of names of keys."""
    return _of(text, known(line.build).keys, "key", "Bad key types")


def cipher_names(text: str, line: Line) -> str:
    """A list of ciphers."""
    return _of(text, known(line.build).ciphers, "cipher", "Bad SSH2 cipher spec")


def mac_names(text: str, line: Line) -> str:
    """A list of MACs."""
    return _of(text, known(line.build).macs, "mac", "Bad SSH2 mac spec")


def kex_names(text: str, line: Line) -> str:
    """A list of key exchanges."""
    return _of(text, known(line.build).kex, "kex", "Bad SSH2 KexAlgorithms")


def _of(text: str, names: Algorithms, of: Of, refusal: str) -> str:
    if not are_valid(text, names, of):
        raise FatalError(f"{refusal} '{text}'.")
    return text


def gss_names(text: str, line: Line) -> str:
    """A list of key exchanges of GSSAPI."""
    names = text.split(",")
    names = names[: names.index("")] if "" in names else names
    if not all(name.startswith("gss-") and are_valid(name, known(line.build).kex, "kex") for name in names):
        raise FatalError(f"Bad GSSAPI KexAlgorithms '{text}'.")
    return text


_CLASSES = {
    "none": numbers.INT_MAX,
    **{f"af{group}{drop}": 8 * group + 2 * drop << 2 for group in range(1, 5) for drop in range(1, 4)},
    **{f"cs{group}": 32 * group for group in range(8)},
    "ef": 0xB8,
    "le": 0x01,
    "lowdelay": 0x10,
    "throughput": 0x08,
    "reliability": 0x04,
}
_CLASS_NAMES = {number: name for name, number in _CLASSES.items()}
_C_NUMBER = re.compile(r"[ \t\n\v\f\r]*[+-]?(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)", re.ASCII)


def service_class(text: str, line: Line) -> str:
    """A type of service, by its name or its number."""
    number = _CLASSES.get(lower(text))
    if number is None and (found := _C_NUMBER.fullmatch(text)):
        digits = found[1].lower()
        base = 16 if digits.startswith("0x") else 8 if digits.startswith("0") else 10
        number = decimal(digits) if base == 10 else int(digits, base)
        number = number if number <= 255 and (number == 0 or "-" not in text) else None
    if number is None:
        raise FatalError(f"Bad {line.keyword} value: {text}")
    return _CLASS_NAMES.get(number, f"0x{number:02x}")
