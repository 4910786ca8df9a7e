"""The settings of firewalld: firewalld.conf(5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.resolving import text
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.authentication.files import Root

PATH = "/etc/firewalld/firewalld.conf"


def settings(root: Root) -> Mapping[str, str] | Unknown | None:
    """The settings as they are written: quotes are a part of a value. None where there is no such file.

    Of two lines for one setting the first counts, and one without a value, or with two signs, does not, as in
    firewall/core/io/firewalld_conf.py.
    """
    found = text(root, PATH)
    if found is None or isinstance(found, Unknown):
        return found
    values: dict[str, str] = {}
    for line in map(str.strip, found.text.split("\n")):
        name, *rest = [part.strip() for part in line.split("=")]
        if len(rest) == 1 and rest[0] and line[0] not in "#;":
            values.setdefault(name, rest[0])
    return values
