"""What GRUB is told to boot with, and whether its menu has a password: grub-mkconfig(8), grub2's manual (Security)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication import resolving
from policyengine.authentication.resolving import Text
from policyengine.documents import shell
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.authentication.files import Root

DEFAULTS = ("/etc/default/grub", "/etc/default/grub.d/*.cfg")
MENUS = ("/boot/grub/grub.cfg", "/boot/grub2/grub.cfg", "/boot/efi/EFI/*/grub.cfg")
PASSWORDS = ("/boot/grub/user.cfg", "/boot/grub2/user.cfg", "/boot/grub/custom.cfg", "/boot/grub2/custom.cfg")
_COMMAND_LINES = ("GRUB_CMDLINE_LINUX", "GRUB_CMDLINE_LINUX_DEFAULT")
_PASSWORD = re.compile(
    r"^[ \t]*(?:password_pbkdf2[ \t]+\S+[ \t]+grub\.pbkdf2\.|GRUB2_PASSWORD=grub\.pbkdf2\.)", re.MULTILINE
)
_SUPERUSERS = re.compile(r"^[ \t]*set[ \t]+superusers=", re.MULTILINE)


class Boot(Struct, frozen=True):
    """What /etc/default/grub says: the kernel's parameters, and whether the menu offers a system for recovery."""

    parameters: tuple[str, ...] | Unknown
    recovery: bool


def boot(root: Root) -> Boot | Unknown | None:
    """What is set there; None where there is no such file."""
    texts = list(resolving.texts(root, DEFAULTS))
    variables: dict[str, str | None] = {}
    for one in texts:
        if isinstance(one, Unknown):
            return one
        script = shell.parse(one.text)
        if script.error is not None:
            return Unknown("grub", f"{one.where} is not understood as a script of a shell")
        for given in script.assignments:
            variables[given.name] = given.value
    if not texts:
        return None
    return Boot(_parameters(variables), variables.get("GRUB_DISABLE_RECOVERY") != "true")


def _parameters(variables: dict[str, str | None]) -> tuple[str, ...] | Unknown:
    found: list[str] = []
    for name in _COMMAND_LINES:
        line = variables.get(name, "")
        if line is None:
            return Unknown("grub", f"what {name} is set to depends on what else is set")
        found += line.split()
    return tuple(found)


def has_password(root: Root) -> bool | Unknown | None:
    """Whether GRUB asks for a password before anything else is booted; None where there is no menu.

    It does where superusers are set and one has a password.
    """
    menus, others = list(resolving.texts(root, MENUS)), list(resolving.texts(root, PASSWORDS))
    unknown = next((one for one in (*menus, *others) if isinstance(one, Unknown)), None)
    if unknown is not None or not menus:
        return unknown
    texts = [one.text for one in (*menus, *others) if isinstance(one, Text)]
    return any(map(_SUPERUSERS.search, texts)) and any(map(_PASSWORD.search, texts))
