"""Text of files in XML and HTML."""

from __future__ import annotations

from html import unescape

import pytest
from lxml import etree

from policyengine.outputs.xml import escaped

ESCAPED = {
    "web runs privileged": "web runs privileged",
    "<b>&amp;\"'": "&lt;b&gt;&amp;amp;&quot;&#x27;",
    "Grüße ☃": "Gr&#252;&#223;e &#9731;",
    "a\x00b\x1b[2J\n": "a\\x00b\\x1b[2J\\n",
    "\u202e\ud800\uffff": "\\u202e\\ud800\\uffff",
}


@pytest.mark.parametrize("text", ESCAPED)
def test_no_text_is_markup_or_breaks_a_document(text: str) -> None:
    assert escaped(text) == ESCAPED[text]
    element = etree.fromstring(f'<a b="{escaped(text)}">{escaped(text)}</a>'.encode())
    assert element.text == element.get("b") == unescape(ESCAPED[text])
