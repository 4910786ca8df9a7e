"""How sssd is configured: sssd.conf(5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.system.sections import Stacked, stacked
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.authentication.files import Root

PATH = "/etc/sssd/sssd.conf"
_DIRECTORY = ("/etc/sssd",)


def settings(root: Root) -> Stacked | Unknown | None:
    """What sssd.conf says, and over it the files in conf.d; None where there is no sssd."""
    main = stacked(root, "sssd.conf", _DIRECTORY)
    more = stacked(root, "conf", _DIRECTORY)  # there is only a conf.d
    if isinstance(main, Unknown) or isinstance(more, Unknown):
        return main if isinstance(main, Unknown) else more
    if main is None or more is None:
        return main or more
    return Stacked(main.lines + more.lines, main.texts + more.texts)
