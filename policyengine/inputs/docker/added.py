"""What the history of an image tells of its ADD instructions."""

from __future__ import annotations

import re

from policyengine.images.archive import is_archive
from policyengine.model.unknown import Unknown

_CLASSIC = re.compile(
    r"(?:/bin/sh -c|cmd /S /C) #\(nop\) +ADD (?P<what>file|dir|multi):\S+ in (?P<where>.*?)\s*"
).fullmatch
_BUILDKIT = re.compile(r"ADD (?P<words>.*?)(?: # buildkit)?\s*", re.DOTALL).fullmatch
_REMOTE = re.compile(r"(?i)(?:https?|git|ssh)://|[\w.-]+@[\w.-]+:").match


def copied_by_add(created_by: str) -> bool | Unknown | None:
    """Whether ADD made a layer, and COPY would have done; None for a layer that something else made.

    The first builder of Docker tells only that a file was added, be it an archive or fetched from elsewhere. What it
    added to the root directory is taken for the archive that a base image begins with.
    """
    classic = _CLASSIC(created_by)
    if classic is not None:
        return _classic(classic["what"], classic["where"])
    found = _BUILDKIT(created_by)
    if found is None:
        return None
    words = [word for word in found["words"].split() if not word.startswith("--")]
    return any(not is_archive(word) and _REMOTE(word) is None for word in words[:-1])


def _classic(what: str, where: str) -> bool | Unknown:
    if what == "dir":
        return True
    if where == "/" and what == "file":
        return False
    return Unknown("image.history", "the history does not tell whether ADD unpacked or fetched what it added")
