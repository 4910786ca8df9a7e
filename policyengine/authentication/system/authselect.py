"""Whether authselect keeps PAM's configuration: authselect(8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.resolving import resolved, text
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.authentication.files import Root

PATH = "/etc/authselect/authselect.conf"
KEPT = ("system-auth", "password-auth", "fingerprint-auth", "smartcard-auth", "postlogin")


class Selected(Struct, frozen=True):
    """``changed`` are the files of /etc/pam.d that are none of authselect's, though it keeps them."""

    profile: str
    features: tuple[str, ...]
    changed: tuple[str, ...]


def selected(root: Root) -> Selected | Unknown | None:
    """The profile and its features; None where authselect keeps nothing."""
    found = text(root, PATH)
    if found is None or isinstance(found, Unknown):
        return found
    profile, *features = [line.strip() for line in found.text.split("\n") if line.strip()] or [""]
    changed = []
    for name in KEPT:
        at = resolved(root, f"/etc/pam.d/{name}", last=False)
        lies = root.entry(at) if isinstance(at, str) else at
        if isinstance(lies, Unknown):
            return lies
        if lies is not None and lies.target != f"/etc/authselect/{name}":
            changed.append(name)
    return Selected(profile, tuple(features), tuple(changed))
