"""Edits of files as bytes: their encoding and their byte order mark stay."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from policyengine.documents.editing.emptied import without_emptied
from policyengine.documents.editing.instructions import InstructionEdit
from policyengine.documents.editing.instructions import edited as edited_instructions
from policyengine.documents.editing.order import ordered
from policyengine.documents.editing.yaml import edited
from policyengine.documents.load import decoded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policyengine.documents.editing.meaning import Edit

    FileEdit = Edit | InstructionEdit

_ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def edited_bytes(path: str, data: bytes, edits: Iterable[FileEdit]) -> bytes:
    """The bytes of a YAML or JSON file, or a Dockerfile, after edits.

    They are made in the order in which none moves what another is about.

    The key of a sequence that they empty goes, too.
    """
    made, text = list(edits), decoded(path, data)
    of_dockerfile = [edit for edit in made if isinstance(edit, InstructionEdit)]
    if of_dockerfile:
        text = edited_instructions(path, text, of_dockerfile)
    else:
        of_yaml = ordered(edit for edit in made if not isinstance(edit, InstructionEdit))
        text = without_emptied(path, edited(path, text, of_yaml), of_yaml)
    mark, encoding = next(((mark, name) for mark, name in _ENCODINGS if data.startswith(mark)), (b"", "utf-8"))
    return mark + text.encode(encoding)
