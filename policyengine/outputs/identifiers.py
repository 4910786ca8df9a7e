"""UUIDs that are the same whenever the same thing is told of: version 5, https://www.rfc-editor.org/rfc/rfc9562."""

from __future__ import annotations

from hashlib import sha1

from policyengine.outputs.values import well_formed

NAMESPACE = bytes.fromhex("9d0b4f435f5b5b0e8a632f6b3b1a7c11")
"""Of everything that policyengine names by a UUID."""

_VARIANTS = "89ab"


def identifier(*parts: str) -> str:
    """The UUID of what these parts tell, its kind first.

    As :func:`uuid.uuid5` makes it, in a fifth of the time: a report has very many. That SHA-1 is broken does no harm.
    """
    name = "\n".join(map(well_formed, parts)).encode()
    digits = sha1(NAMESPACE + name, usedforsecurity=False).hexdigest()
    variant = _VARIANTS[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"
