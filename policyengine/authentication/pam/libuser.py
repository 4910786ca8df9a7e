"""libuser.conf(5): how libuser's tools (lpasswd, luseradd) store passwords."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.authentication.pam.options import Options
from policyengine.model.location import Location
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.authentication.pam.settings import Kept

CONF = "/etc/libuser.conf"

_SECTION = re.compile(r"\s*\[([^\]]*)\]")
_VALUE = re.compile(r"\s*([^\s=]+)\s*=\s*(.*?)\s*$")


def configured(kept: Kept) -> Options | Unknown | None:
    """``crypt_style`` of its section ``defaults``; None where there is no such file. The last one counts."""
    found = kept.text(CONF)
    if found is None or isinstance(found, Unknown):
        return found
    options = Options({})
    section = ""
    for number, line in enumerate(found.text.split("\n"), 1):
        if line.lstrip().startswith("#"):
            continue
        if head := _SECTION.match(line):
            section = head.group(1).strip()
        elif (value := _VALUE.match(line)) and (section, value.group(1)) == ("defaults", "crypt_style"):
            options.set("crypt_style", value.group(2).lower(), Location(found.where, number, 1, number, len(line) + 1))
    return options
