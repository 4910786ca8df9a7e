"""How a distribution builds sshd: paths, options that are compiled in, and defaults that it changes."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from policyengine.authentication.sshd.versions import ASSUMED, Version

Vendor = Literal["debian", "upstream"]


class Build(Struct, frozen=True):
    """One sshd: its version, and whose. ``debian`` has PAM, GSSAPI, Kerberos and ``DebianBanner``."""

    version: Version = ASSUMED
    vendor: Vendor = "debian"
    assumed: bool = False
    """Nothing tells which one it is: keywords of later versions and of other vendors are accepted, and do nothing."""

    @property
    def name(self) -> str:
        """``OpenSSH 9.2 (Debian)``."""
        return f"OpenSSH {self.version}" + (" (Debian)" if self.vendor == "debian" else "")
