"""Objects that need not be read: CustomResourceDefinitions, which make no resource and are the longest manifests."""

from __future__ import annotations

import re

from policyengine.documents.yaml_skimming import Head

WORD = "CustomResourceDefinition"
_KIND = re.compile(rf"kind: {WORD}\s*").fullmatch
_VERSION = re.compile(r"apiVersion: (apiextensions\.k8s\.io/v[a-z0-9]+)\s*").fullmatch
_OTHER_BREAK = re.compile("\r(?!\n)|[\x85\u2028\u2029]").search
"""What ends a line for readers of YAML, and not for regular expressions."""
_TOP = re.compile(r"\n([^\s#][^\n]*)").findall
"""Every line that could hold a key of the top mapping: those that are not indented, blank or a comment."""
_ALIAS = re.compile(r"[\s,\[{]\*\w").search
_OTHER = re.compile(r"(?:---|metadata:|spec:|status:)\s*(?:#.*)?").fullmatch


_SPEC = "\nspec:"
_MOST_BRACKETS = 200
"""So many can nest no deeper than values may."""


def headed(text: str) -> Head | None:
    """What there is to read of a document that is a CustomResourceDefinition: all before its ``spec``.

    None for any other document, and for one in which the rest could change what stands before it, or is none that may
    be passed over.
    """
    if skimmed(text) is None or text.count("[") + text.count("{") > _MOST_BRACKETS:
        return None
    end = text.find(_SPEC) + 1
    rest = [line.partition(":")[0] for line in _TOP(f"\n{text[end:]}")]
    whole = end > 0 and rest in (["spec"], ["spec", "status"]) and not _ALIAS(text, end)
    return Head(end) if whole else None


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
