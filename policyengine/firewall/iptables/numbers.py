"""Numbers and addresses as iptables takes them in: as C does, and with the end of an IPv4 address left away."""

from __future__ import annotations

import re

from policyengine.firewall.addresses import first_and_last, number
from policyengine.firewall.rules import Family  # noqa: TC001 - what is remembered by its arguments

_WHOLE = re.compile(r"\+?(?:0[xX]([0-9a-fA-F]+)|0([0-7]*)|([1-9][0-9]*))").fullmatch


def whole(text: str) -> int | None:
    """The number that ``strtoul`` reads with base 0: ``022`` is eighteen, ``0x16`` twenty-two; None for no number.

    So are protocols, masks and types read (``xtables_strtoul`` in libxtables/xtables.c).
    """
    found = _WHOLE(text)
    if found is None:
        return None
    hexadecimal, octal, decimal = found.groups()
    if decimal is not None:
        return int(decimal)
    return int(hexadecimal, 16) if hexadecimal is not None else int(octal or "0", 8)


def address(text: str, family: Family) -> int:
    """An address; of IPv4's four numbers the last may be left away (``__numeric_to_ipaddr`` there): they are then 0.

    Raises ValueError, also for the name of a host.
    """
    return number(_in_full(text) if family == 4 else text, family)


def network(text: str, family: Family) -> tuple[int, int]:
    """The first and last address of ``10.0.0.0/8``, ``10/8`` or ``10.0.0.0/255.0.0.0``. Raises ValueError."""
    base, slash, mask = text.partition("/")
    base = _in_full(base) if family == 4 else base
    if not slash:
        return first_and_last(base, family)
    length = whole(mask)
    if length is None and mask.count(".") == 3 and family == 4:
        mask = _in_full(mask)
    return first_and_last(f"{base}/{mask if length is None else length}", family)


def _in_full(text: str) -> str:
    parts = text.split(".")
    numbers = [whole(part) for part in parts]
    if len(parts) > 4 or any(one is None or one > 255 for one in numbers):
        return text
    return ".".join(str(one) for one in (*numbers, 0, 0, 0)[:4])
