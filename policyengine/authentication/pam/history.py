"""pam_pwhistory(8): keeps old passwords from being used again. By pwhistory.conf(5) and its arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.pam.numbers import leading
from policyengine.authentication.pam.options import Options
from policyengine.authentication.pam.settings import keys, sought
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.authentication.pam.entries import Entry
    from policyengine.authentication.pam.settings import Kept
    from policyengine.model.location import Location

CONF = "/etc/security/pwhistory.conf"
VENDOR = "/usr/etc/security/pwhistory.conf"
MOST = 400
"""So many passwords are kept at most."""

_FLAGS = ("enforce_for_root", "use_authtok")


def defaults() -> Options:
    """What holds where nothing is set."""
    return Options({"remember": 10, "retry": 1, **dict.fromkeys(_FLAGS, False)})


def configured(kept: Kept, path: str | None = None) -> Options | Unknown:
    """What its file says: ``path``, that of ``conf=``, or its usual one. It may be missing. Linux-PAM since 1.5.3."""
    found = kept.first(CONF, VENDOR) if path is None else kept.text(path)
    if isinstance(found, Unknown):
        return found
    options = defaults()
    if found is None:
        return options
    settings = keys(found.text, found.where)
    for name in ("enforce_for_root", "remember", "retry"):
        setting = sought(settings, name)
        if setting is not None:
            _put(options, name, setting.value, setting.where)
    return options


def used(kept: Kept, entry: Entry, usual: Options | Unknown) -> Options | Unknown:
    """The options of an entry: its arguments over what the file says."""
    told = [argument[5:] for argument in entry.arguments if argument.startswith("conf=")]
    found = configured(kept, told[-1]) if told else usual
    if isinstance(found, Unknown):
        return found
    options = found.copy()
    for argument in entry.arguments:
        name, _, value = argument.partition("=")
        _put(options, name.lower(), value, entry.where)
    return options


def _put(options: Options, name: str, value: str, where: Location) -> None:
    number = leading(value)
    if name in _FLAGS:
        options.set(name, True, where, value)
    elif name == "remember" and number is not None:
        options.set(name, min(max(number, 0), MOST), where, value)
    elif name == "retry" and number is not None:
        options.set(name, max(number, 1), where, value)
