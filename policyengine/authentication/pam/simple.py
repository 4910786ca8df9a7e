"""Modules whose options are their arguments: pam_tally2(8), pam_wheel(8), pam_faildelay(8), pam_lastlog(8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.pam.numbers import leading
from policyengine.authentication.pam.options import Options
from policyengine.authentication.pam.settings import Settings, sought

if TYPE_CHECKING:
    from policyengine.authentication.pam.entries import Entry, Stack
    from policyengine.authentication.pam.options import Value

_TALLY = {"deny": 0, "unlock_time": 0, "root_unlock_time": 0, "lock_time": 0}
_TALLY_FLAGS = ("even_deny_root", "audit", "silent", "no_log_info", "magic_root")
_WHEEL_FLAGS = ("use_uid", "trust", "deny", "root_only")
_LASTLOG_FLAGS = ("silent", "never", "nowtmp", "noupdate", "showfailed", "unlimited", "nodate", "noterm", "nohost")

MICROSECONDS = 1_000_000

_DELAYING = frozenset({"pam_faillock", "pam_unix"})
"""Modules that ask for a delay of two seconds, unless they are told ``nodelay``."""


def tally(entry: Entry) -> Options:
    """Those of pam_tally2: ``deny`` 0 locks nobody out, ``unlock_time`` 0 leaves an account locked."""
    options = _flagged(entry, _TALLY_FLAGS, dict(_TALLY))
    for argument in entry.arguments:
        name, _, value = argument.partition("=")
        number = leading(value)
        if name in _TALLY and number is not None and number >= 0:
            options.set(name, number, entry.where)
    return options


def wheel(entry: Entry) -> Options:
    """Those of pam_wheel; without ``group`` it is wheel, or the group 0 where there is no wheel."""
    options = _flagged(entry, _WHEEL_FLAGS, {})
    for argument in entry.arguments:
        name, _, value = argument.partition("=")
        if name == "group" and value:
            options.set("group", value, entry.where)
    return options


def lastlog(entry: Entry) -> Options:
    """Those of pam_lastlog."""
    return _flagged(entry, _LASTLOG_FLAGS, {})


def delay(entry: Entry, defs: Settings) -> Options:
    """The microseconds of pam_faildelay: those of its argument, or the seconds of FAIL_DELAY in /etc/login.defs.

    There is no delay where neither says one.
    """
    options = Options({"delay": 0})
    default = sought(defs, "FAIL_DELAY")
    seconds = leading(default.value) if default else None
    if default is not None and seconds is not None:
        options.set("delay", (seconds & 0o777) * MICROSECONDS, default.where)
    for argument in entry.arguments:
        name, _, value = argument.partition("=")
        number = leading(value)
        if name == "delay" and number is not None and number != -1:
            options.set("delay", number, entry.where)
    return options


def longest(stack: Stack, defs: Settings) -> int:
    """The delay of a wrong password: the longest that a module asks for, as pam_fail_delay(3) has it."""
    return max((_asked(entry, defs) for entry in stack), default=0)


def _asked(entry: Entry, defs: Settings) -> int:
    if entry.name == "pam_faildelay":
        return int(delay(entry, defs).values["delay"])
    return 2 * MICROSECONDS if entry.name in _DELAYING and "nodelay" not in entry.arguments else 0


def _flagged(entry: Entry, flags: tuple[str, ...], others: dict[str, int]) -> Options:
    values: dict[str, Value] = {**others, **dict.fromkeys(flags, False)}
    options = Options(values)
    for argument in entry.arguments:
        if argument in flags:
            options.set(argument, True, entry.where)
    return options
