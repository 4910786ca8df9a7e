"""Predicates on the values of command lines, which are texts: switches, lists with commas, numbers, durations."""

from __future__ import annotations

import re

_WHOLE = re.compile(r"[+-]?[0-9]+").fullmatch
_NUMBER_DIGITS = 18
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}
_DURATION_PARTS = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,18})?)(ns|us|µs|ms|s|m|h)").findall
_DURATION = re.compile(r"(?:[0-9]{1,18}(?:\.[0-9]{1,18})?(?:ns|us|µs|ms|s|m|h)){1,8}").fullmatch
_ON = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_OFF = frozenset({"0", "f", "F", "false", "FALSE", "False"})
"""https://pkg.go.dev/strconv#ParseBool"""


def switched_on(value: str) -> bool:
    """A switch of a command line that is on, in one of the words that programs in Go know: ``true``, ``1``, ``t``."""
    return value in _ON


def switched_off(value: str) -> bool:
    """A switch of a command line that is off, in one of the words that programs in Go know: ``false``, ``0``, ``f``."""
    return value in _OFF


def lists_all(text: str, wanted: list[str]) -> bool:
    """A list with commas that has all of these items: ``lists_all: [Node, RBAC]`` of ``Node,RBAC,Webhook``."""
    return _listed(text).issuperset(wanted)


def lists_none(text: str, unwanted: list[str]) -> bool:
    """A list with commas that has none of these items: ``lists_none: [AlwaysAllow]``."""
    return _listed(text).isdisjoint(unwanted)


def lists_only(text: str, known: list[str]) -> bool:
    """A list with commas that has no other items than these: ``lists_only: [TLS_AES_128_GCM_SHA256]``."""
    return _listed(text).issubset(known)


def _listed(text: str) -> set[str]:
    return {item.strip() for item in text.split(",") if item.strip()}


def number_at_least(text: str, least: str) -> bool:
    """A whole number, written as text, that is not smaller: ``number_at_least: "30"``. What is no number is not."""
    number = _whole(text)
    return number is not None and number >= int(least)


def is_number(text: str) -> bool:
    """Whether a text is a whole number."""
    return _whole(text) is not None


def _whole(text: str) -> int | None:
    return int(text) if len(text) <= _NUMBER_DIGITS and _WHOLE(text) else None


def duration_at_most(text: str, most: str) -> bool:
    """A duration as Go writes it that is not longer: ``duration_at_most: 5m`` of ``300s``, ``1m30s``; 0 is none.

    What is no duration is not.
    """
    seconds, limit = _seconds(text), _seconds(most)
    return seconds is not None and limit is not None and seconds <= limit


def is_duration(text: str) -> bool:
    """Whether a text is a duration."""
    return _seconds(text) is not None


def _seconds(text: str) -> float | None:
    """https://pkg.go.dev/time#ParseDuration"""
    if text in ("0", "+0"):
        return 0
    if not _DURATION(text):
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in _DURATION_PARTS(text))
