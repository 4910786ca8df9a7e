"""Text of files in XML and HTML: shown as it is, and never markup."""

from __future__ import annotations

from html import escape

from policyengine.outputs.style import visible


def escaped(text: str) -> str:
    """A text in ASCII, between tags or in a quoted attribute.

    What is not printable, most of which XML forbids (https://www.w3.org/TR/xml/#charsets), is written as an escape.
    """
    return escape(visible(text)).encode("ascii", "xmlcharrefreplace").decode("ascii")
