"""Objects that need not be read: CustomResourceDefinitions, which make no resource and are the longest manifests."""

from __future__ import annotations

import re

WORD = "CustomResourceDefinition"
_KIND = re.compile(rf"kind: {WORD}\s*").fullmatch
_VERSION = re.compile(r"apiVersion: (apiextensions\.k8s\.io/v[a-z0-9]+)\s*").fullmatch
_OTHER_BREAK = re.compile("\r(?!\n)|[\x85\u2028\u2029]").search
"""What ends a line for readers of YAML, and not for regular expressions."""
_TOP = re.compile(r"\n([^\s#][^\n]*)").findall
"""Every line that could hold a key of the top mapping: those that are not indented, blank or a comment."""
_OTHER = re.compile(r"(?:---|metadata:|spec:|status:)\s*(?:#.*)?").fullmatch


def skimmed(text: str) -> object | None:
    """What stands for a document that is a CustomResourceDefinition; None for any other.

    Every key of its top mapping stands at the start of a line. When each line that does is one of those that such an
    object has, written plainly, the object is nothing else, whatever the lines between them hold.
    """
    if WORD not in text or _OTHER_BREAK(text):
        return None
    kinds, versions = [], []
    for line in _TOP(f"\n{text}"):
        version = _VERSION(line)
        if version:
            versions.append(version[1])
        elif _KIND(line):
            kinds.append(line)
        elif not _OTHER(line):
            return None
    return {"apiVersion": versions[0], "kind": WORD} if kinds and versions else None
