"""Lines of PAM's modules with what their options come to, by the field of the model that has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.pam import faillock, history, libuser, quality, simple, unix
from policyengine.authentication.pam.options import Options
from policyengine.authentication.pam.settings import Settings, keys
from policyengine.model.kinds import pam as kind
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from policyengine.authentication.pam.entries import Entry, Stack
    from policyengine.authentication.pam.settings import Kept

LOGIN_DEFS = "/etc/login.defs"

_TABLES = {
    "pam_faillock": "faillock",
    "pam_pwquality": "quality",
    "pam_cracklib": "quality",
    "pam_pwhistory": "history",
    "pam_unix": "unix",
    "pam_tally2": "tally",
    "pam_wheel": "wheel",
    "pam_lastlog": "lastlog",
    "pam_faildelay": "faildelay",
}
"""The fields of the model that have a module's lines."""

_ONLY = {
    "faillock": "auth",
    "quality": "password",
    "history": "password",
    "unix": "auth",
    "unix_password": "password",
    "tally": "auth",
    "faildelay": "auth",
}
"""The task for which a module's options have an effect, where it is one only."""

OF_FILES = {"faillock_conf": "pam_faillock", "pwquality_conf": "pam_pwquality", "pwhistory_conf": "pam_pwhistory"}
"""The modules whose files these are."""

_NAMES: Mapping[str, Collection[str]] = {
    "faillock": kind.FAILLOCK,
    "quality": kind.QUALITY,
    "history": kind.HISTORY,
    "unix": kind.UNIX,
    "unix_password": kind.UNIX_PASSWORD,
    "faildelay": ("delay",),
}
"""The options of each that files say, so that they are unknown where a file cannot be read."""

_ASKING = frozenset({"quality", "history", "unix_password"})


class Modules:
    """The modules of a root."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._defs = self._login_defs()
        self._faillock = faillock.configured(kept)
        self._quality = quality.configured(kept)
        self._history = history.configured(kept)
        self._options: dict[str, Callable[[Entry], Options | Unknown]] = {
            "quality": lambda entry: quality.used(entry, self._quality),
            "history": lambda entry: history.used(kept, entry, self._history),
            "unix": unix.checking,
            "unix_password": lambda entry: self._with_defs(entry, unix.used),
            "tally": simple.tally,
            "wheel": simple.wheel,
            "lastlog": simple.lastlog,
            "faildelay": lambda entry: self._with_defs(entry, simple.delay),
        }
        self.tables = ("faillock", *self._options)

    def _login_defs(self) -> Settings | Unknown:
        found = self._kept.text(LOGIN_DEFS)
        if isinstance(found, Unknown):
            return found
        return Settings() if found is None else keys(found.text, found.where)

    def _with_defs(self, entry: Entry, used: Callable[[Entry, Settings], Options]) -> Options | Unknown:
        return self._defs if isinstance(self._defs, Unknown) else used(entry, self._defs)

    def longest_delay(self, stack: Stack) -> int | Unknown:
        """The delay of a wrong password, in microseconds."""
        return self._defs if isinstance(self._defs, Unknown) else simple.longest(stack, self._defs)

    def table(self, entry: Entry) -> str | None:
        """The field of the model that has an entry; None where none has."""
        table = _TABLES.get(entry.name)
        table = "unix_password" if table == "unix" and entry.task == "password" else table
        return table if table is None or _ONLY.get(table, entry.task) == entry.task else None

    def told(self, table: str, entry: Entry, *, asks_again: bool) -> tuple[dict[str, object], Options | None]:
        """An entry as an object of the model, and its options; where these are unknown, all of them are."""
        about = placed(entry)
        if table in _ASKING:
            about |= {"use_authtok": "use_authtok" in entry.arguments, "asks_again": asks_again}
        if table == "quality":
            del about["use_authtok"]
        if table == "faillock":
            about["action"], options = faillock.used(self._kept, entry, self._faillock)
        else:
            options = self._options[table](entry)
        if isinstance(options, Options):
            return about | told(options), options
        why = options or Unknown("pam.faillock", "the module cannot read its file, and refuses everybody")
        return about | dict.fromkeys((*_NAMES[table], "declared"), why), None

    def files(self) -> Iterator[tuple[str, Options | Unknown | None]]:
        """What the modules' files come to, and those of tools that store passwords."""
        yield "faillock_conf", self._faillock
        yield "pwquality_conf", self._quality
        yield "pwhistory_conf", self._history
        yield "libuser", libuser.configured(self._kept)


def placed(entry: Entry) -> dict[str, object]:
    """What every line of a stack has."""
    return {
        "file": entry.file,
        "task": entry.task,
        "control": entry.control,
        "module": entry.name,
        "arguments": list(entry.arguments),
    }


def told(options: Options) -> dict[str, object]:
    """What options come to, as a part of an object of the model."""
    values = {name: value for name, value in options.values.items() if name != "use_authtok"}
    return {**values, "declared": options.declared}
