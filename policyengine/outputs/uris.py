"""Where things are, as URIs: https://www.rfc-editor.org/rfc/rfc3986."""

from __future__ import annotations

from urllib.parse import quote

from policyengine.model.location import is_live


def uri(path: str) -> str:
    """A path as a URI: relative where the path is, that of a live object as it is, its odd characters escaped."""
    data = path.encode("utf-8", "surrogateescape")
    if is_live(path):
        return quote(data, safe=":/?#[]@!$&'()*+,;=%~")
    return f"file://{quote(data)}" if path.startswith("/") else quote(data)
