from __future__ import annotations

import codecs

import pytest

from policyengine.documents.editing.files import edited_bytes
from policyengine.documents.editing.meaning import Set

EDIT = Set((0, "a"), "ü")


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_encodings_stay(mark: bytes, encoding: str) -> None:
    before = mark + "a: 'x' # é\r\nb: 1".encode(encoding)
    assert edited_bytes("a.yaml", before, [EDIT]) == mark + "a: 'ü' # é\r\nb: 1".encode(encoding)
