"""pam_faillock(8): locks accounts out after wrong passwords. Its options by faillock.conf(5) and its arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.pam.numbers import leading
from policyengine.authentication.pam.options import Options
from policyengine.authentication.pam.settings import pairs
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.authentication.pam.entries import Entry
    from policyengine.authentication.pam.settings import Kept
    from policyengine.model.location import Location

CONF = "/etc/security/faillock.conf"
VENDOR = "/usr/etc/security/faillock.conf"

MOST_SECONDS = 604_800
"""A week: a longer time is not taken."""

FLAGS = ("audit", "even_deny_root", "local_users_only", "no_log_info", "nodelay", "silent")
ACTIONS = ("preauth", "authfail", "authsucc")
_TIMES = ("fail_interval", "unlock_time", "root_unlock_time")


def defaults() -> Options:
    """What holds where nothing is set; ``root_unlock_time`` is that of all then."""
    flags = dict.fromkeys(FLAGS, False)
    return Options({"deny": 3, "fail_interval": 900, "unlock_time": 600, "dir": "/var/run/faillock", **flags})


def configured(kept: Kept, path: str | None = None) -> Options | Unknown | None:
    """What its file says: ``path``, that of ``conf=``, or its usual one, which may be missing.

    None where the module refuses to work: the file that it is told is missing, or a line is too long.
    """
    found = kept.first(CONF, VENDOR) if path is None else kept.text(path)
    if isinstance(found, Unknown):
        return found
    if found is None:
        return defaults() if path is None else None
    options, settings = defaults(), pairs(found.text, found.where)
    for setting in settings.settings:
        put(options, setting.option, setting.value, setting.where)
    return options if settings.whole else None


def used(kept: Kept, entry: Entry, usual: Options | Unknown | None) -> tuple[str, Options | Unknown | None]:
    """What an entry is to do, and its options; ``usual`` are those of the usual file."""
    told = [argument.removeprefix("conf=") for argument in entry.arguments if argument.startswith("conf=")]
    found = configured(kept, told[-1]) if told else usual
    options = found.copy() if isinstance(found, Options) else found
    action = "none"
    for argument in entry.arguments:
        if argument in ACTIONS:
            action = argument
        elif isinstance(options, Options):
            name, _, value = argument.partition("=")
            put(options, name, value, entry.where)
    return action, options


def put(options: Options, name: str, value: str, where: Location) -> None:
    """Set an option as the module does; what it cannot read leaves it as it is."""
    if name in FLAGS:
        options.set(name, True, where, value)
    elif name == "admin_group" or (name == "dir" and value.startswith("/")):
        options.set(name, value, where)
    elif name == "deny" and (number := leading(value)) is not None:
        options.set(name, number & 0xFFFF, where, value)
    elif name in _TIMES and (seconds := _seconds(name, value)) is not None:
        options.set(name, seconds, where, value)


def _seconds(name: str, value: str) -> int | None:
    """A time; ``never`` is 0."""
    if value == "never" and name != "fail_interval":
        return 0
    number = leading(value)
    return number if number is not None and 0 <= number <= MOST_SECONDS else None
