"""A value of dockerd's, as daemon.json and flags give it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.authentication.numbers import decimal

if TYPE_CHECKING:
    from policyengine.authentication.docker.options import Option

_TRUE = frozenset(("1", "t", "T", "true", "TRUE", "True"))
_FALSE = frozenset(("0", "f", "F", "false", "FALSE", "False"))
"""What Go's ``strconv.ParseBool`` takes."""

_INTEGER = re.compile(r"[-+]?[0-9]+").fullmatch


class RefusedError(Exception):
    """dockerd does not start with it. The message names no value: it may be a secret."""


def is_integer(text: str) -> bool:
    """Whether it is a number that 64 bits hold."""
    return _INTEGER(text) is not None and -(1 << 63) <= decimal(text) < 1 << 63


def parsed(option: Option, text: str) -> object:
    """A flag's text as a value. Raises :class:`RefusedError` where it is none of the option's form."""
    if option.form == "boolean":
        if text not in _TRUE | _FALSE:
            raise RefusedError(f"--{option.flag} is true or false")
        return text in _TRUE
    if option.form == "integer":
        if not is_integer(text):
            raise RefusedError(f"--{option.flag} is an integer")
        return int(text)
    return text


def checked(option: Option, value: object) -> object:
    """A value of daemon.json. Raises :class:`RefusedError` where it is none of the option's form; null is no value."""
    if value is None or option.form == "objects":
        return value
    if not _is_of(option.form, value):
        raise RefusedError(f"{option.key} should be {_SPOKEN[option.form]}")
    return value


_SPOKEN = {
    "boolean": "true or false",
    "integer": "an integer",
    "string": "a string",
    "list": "a list of strings",
    "map": "an object of strings",
}


def _is_of(form: str, value: object) -> bool:
    if form == "list":
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if form == "map":
        return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
    if form == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, bool if form == "boolean" else str)
