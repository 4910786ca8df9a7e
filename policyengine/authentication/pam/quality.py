"""Modules that judge new passwords: pam_pwquality(8) by pwquality.conf(5), pam_cracklib(8) by its arguments."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from policyengine.authentication.pam.numbers import whole
from policyengine.authentication.pam.options import Options
from policyengine.authentication.pam.settings import pairs
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.authentication.pam.entries import Entry
    from policyengine.authentication.pam.settings import Kept
    from policyengine.model.location import Location

CONF = "/etc/security/pwquality.conf"

NUMBERS = {
    "difok": 1,
    "minlen": 8,
    "dcredit": 0,
    "ucredit": 0,
    "lcredit": 0,
    "ocredit": 0,
    "minclass": 0,
    "maxrepeat": 0,
    "maxsequence": 0,
    "maxclassrepeat": 0,
    "gecoscheck": 0,
    "dictcheck": 1,
    "usercheck": 1,
    "usersubstr": 0,
    "enforcing": 1,
    "retry": 1,
}
"""The defaults of libpwquality since 1.4."""

TEXTS = ("badwords", "dictpath")
FLAGS = ("enforce_for_root", "local_users_only")

SHORTEST = 6
"""A shorter ``minlen`` is taken for this."""

CLASSES = 4
"""A greater ``minclass`` is taken for this."""

_CRACKLIB = {
    "difok": 5,
    "minlen": 9,
    "dcredit": 1,
    "ucredit": 1,
    "lcredit": 1,
    "ocredit": 1,
    "minclass": 0,
    "maxrepeat": 0,
    "maxsequence": 0,
    "maxclassrepeat": 0,
    "gecoscheck": 0,
    "retry": 1,
}


def defaults() -> Options:
    """What holds where nothing is set."""
    return Options({**NUMBERS, **dict.fromkeys(FLAGS, False)})


def configured(kept: Kept) -> Options | Unknown:
    """What libpwquality reads: the ``.conf`` files of the directory in the order of their names, then the main file.

    It stops at what it cannot read, in whatever file; what was set before stays, and the module goes on with it.
    """
    options = defaults()
    names = kept.names(f"{CONF}.d")
    if isinstance(names, Unknown):
        return names
    for path in (*filter(_counts, names), CONF):
        found = kept.text(path)
        if isinstance(found, Unknown):
            return found
        if found is not None and not _read(options, found.text, found.where):
            break
    return options


def _counts(path: str) -> bool:
    """Whether a file of the directory is read: its name ends with its first ``.conf``."""
    name = posixpath.basename(path)
    return name.partition(".conf")[1:] == (".conf", "")


def _read(options: Options, text: str, path: str) -> bool:
    settings = pairs(text, path)
    taken = all(put(options, setting.option, setting.value, setting.where) for setting in settings.settings)
    return taken and settings.whole


def used(entry: Entry, usual: Options | Unknown) -> Options | Unknown:
    """The options of an entry: its arguments over what the files say."""
    if isinstance(usual, Unknown):
        return usual
    options = usual.copy() if entry.name == "pam_pwquality" else cracklib()
    for argument in entry.arguments:
        name, _, value = argument.partition("=")
        put(options, name, value, entry.where)
    return options


def cracklib() -> Options:
    """What holds for pam_cracklib where nothing is set: it reads no file, and a credit of 1 shortens passwords."""
    return Options({**_CRACKLIB, "dictcheck": 1, "usercheck": 1, "enforcing": 1, **dict.fromkeys(FLAGS, False)})


def put(options: Options, name: str, value: str, where: Location) -> bool:
    """Set an option as libpwquality does, whatever its case; whether it could be read."""
    option = name.lower()
    if option in FLAGS:
        options.set(option, True, where, value)
    elif option in TEXTS:
        options.set(option, value, where)
    elif option in NUMBERS and (number := whole(value)) is not None:
        options.set(option, _bounded(option, number), where, value)
    else:
        return False
    return True


def _bounded(option: str, number: int) -> int:
    if option == "minlen":
        return max(number, SHORTEST)
    return min(number, CLASSES) if option == "minclass" else number
