"""Effective options as lines, as ``sshd -T`` writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policyengine.authentication.sshd.options import Options

_ONE_A_LINE = frozenset(
    {
        "port",
        "listenaddress",
        "hostkey",
        "hostcertificate",
        "allowusers",
        "denyusers",
        "allowgroups",
        "denygroups",
        "acceptenv",
        "setenv",
        "subsystem",
    }
)
"""Lists of which each value has a line of its own."""

_HIDDEN = frozenset({"debianbanner", "rekeyinterval", "ignore"})
"""What ``sshd -T`` does not write, or not by itself."""


def dumped(options: Options) -> dict[str, tuple[str, ...]]:
    """The lines of each option, without its name. What has no value is not written."""
    found = {
        name: setting.values if name in _ONE_A_LINE else (setting.text,)
        for name, setting in options.items()
        if setting.values and name not in _HIDDEN
    }
    for name in ("hostkey", "hostcertificate"):
        if name in found:
            found[name] = tuple("(null)" if value == "none" else value for value in found[name])
    found["maxstartups"] = (":".join(options["maxstartups"].values),)
    found["rekeylimit"] = (f"{options['rekeylimit'].text} {options['rekeyinterval'].text}",)
    if found.get("unusedconnectiontimeout") == ("0",):
        found["unusedconnectiontimeout"] = ("none",)
    return found
