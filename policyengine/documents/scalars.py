"""What a plain YAML scalar means: YAML 1.2 core, and octal as YAML 1.1 wrote it.

Values whose text cannot be had back from the value keep it in ``text`` (``0x10``, ``1.10``), for fields that are
strings. Base-60 numbers and timestamps stay strings: nobody who writes ``22222:22`` in a Compose file means 1333342.
"""

from __future__ import annotations

import re


class LegacyBoolean(str):
    """A plain ``yes``, ``no``, ``on``, ``off``, ``y`` or ``n``: a boolean only where the field is one.

    go-yaml v3 reads Kubernetes and Compose files so.
    """

    __slots__ = ()

    @property
    def value(self) -> bool:
        """The boolean that YAML 1.1 sees."""
        return self.lower() in ("yes", "on", "y")


class Integer(int):
    """An integer that is not written in its shortest decimal form."""

    text: str


class Number(float):
    """A number whose text is not ``repr()``."""

    text: str


_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
LEGACY_BOOLEANS = r"(?:y|Y|n|N|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)"
"""What YAML 1.1 takes for booleans, and 1.2 for texts, as a pattern."""

_LEGACY = re.compile(LEGACY_BOOLEANS).fullmatch
_DECIMAL = re.compile(r"[-+]?[0-9]+").fullmatch
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?").fullmatch
_SPECIAL = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)").fullmatch
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+").fullmatch
_OCTAL = re.compile(r"0[0-7]+").fullmatch

_MAYBE_SPECIAL = frozenset("0123456789+-.~tTfFnNyYoO")
_MAX_DIGITS = 1000
"""Longer numbers stay strings: Python refuses to write integers of more than 4300 decimal digits."""


def resolve(text: str) -> object:
    """The value of a plain scalar."""
    if not text or text[0] in _MAYBE_SPECIAL:
        if text in _NULLS:
            return None
        if text in _TRUE:
            return True
        if text in _FALSE:
            return False
        if text[0] in "0123456789+-.":
            return _number(text)
        if _LEGACY(text):
            return LegacyBoolean(text)
    return text


def _number(text: str) -> object:
    if len(text) > _MAX_DIGITS:
        return text
    if _DECIMAL(text):
        return _integer(text)
    if _BASED(text):
        return _kept_integer(int(text, 0), text)
    if _FLOAT(text):
        return _kept_number(float(text), text)
    if _SPECIAL(text):
        return _kept_number(float(text.replace(".", "", 1)), text)
    return text


def _integer(text: str) -> int:
    if text[0] == "0" and _OCTAL(text):
        return _kept_integer(int(text, 8), text)
    value = int(text)
    return value if str(value) == text else _kept_integer(value, text)


def _kept_integer(value: int, text: str) -> int:
    kept = Integer(value)
    kept.text = text
    return kept


def _kept_number(value: float, text: str) -> float:
    if repr(value) == text:
        return value
    kept = Number(value)
    kept.text = text
    return kept


def scalar_text(value: object) -> str | None:
    """The text of a scalar as it was written, for fields that are strings; None for what is no scalar."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Integer | Number):
        return value.text
    if isinstance(value, int | float):
        return repr(value)
    return None
