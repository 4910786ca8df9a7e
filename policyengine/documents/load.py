"""Files and bytes as documents."""

from __future__ import annotations

import codecs
import re
from os.path import basename, splitext
from typing import TYPE_CHECKING

from policyengine.errors import DocumentError

if TYPE_CHECKING:
    from policyengine.documents.document import Document
    from policyengine.documents.yaml_skimming import Skim

MAX_BYTES = 64 * 1024 * 1024
"""The largest file that is read."""

_DOCKERFILE = re.compile(
    r"(?i:(?:.*\.)?(?:dockerfile|containerfile)(?:\..+)?)|(?:Dockerfile|Containerfile)[-_][A-Za-z0-9_-]+"
).fullmatch
"""``Dockerfile``, ``Dockerfile.dev`` and ``dev.Dockerfile`` in any case, ``Dockerfile-dev``; Podman's names too."""
_DOCKERFILE_TEXT = re.compile(r"(?i)\s*(?:#[^\n]*\n\s*)*(?:FROM|ARG)[ \t]+\S").match
_YAML_SUFFIXES = frozenset({".yaml", ".yml", ".json"})
_NOT_DOCKERFILE_SUFFIXES = frozenset(
    {
        *(".dockerignore", ".containerignore", ".md", ".rst", ".adoc", ".txt", ".html"),
        *(".py", ".go", ".sh", ".js", ".ts", ".snap"),
        *(".bak", ".orig", ".rej", ".swp", ".patch", ".diff", ".log", ".lock", ".sha256", ".asc"),
    }
)


def format_of(path: str) -> str | None:
    """``yaml`` or ``dockerfile`` by a path's name; None when the name tells nothing."""
    name = basename(path)  # noqa: PTH119 - a path object takes longer, and this is asked of every file
    suffix = splitext(name)[1].lower()  # noqa: PTH122 - as above
    if suffix in _YAML_SUFFIXES:
        return "yaml"
    return "dockerfile" if suffix not in _NOT_DOCKERFILE_SUFFIXES and _DOCKERFILE(name) else None


def document(path: str, data: bytes) -> Document:
    """The document that ``data`` is, by the path's name, else by the look of its text.

    Raises :class:`DocumentError` where the bytes are no text or the text is malformed.
    """
    return parsed(path, decoded(path, data))


def parsed(path: str, text: str, skim: Skim | None = None) -> Document:
    """The document that ``text`` is, as :func:`document` has it; ``skim`` tells what need not be read of YAML."""
    format_ = format_of(path) or ("dockerfile" if _DOCKERFILE_TEXT(text) else "yaml")
    if format_ == "dockerfile":
        from policyengine.documents.dockerfile import DockerfileDocument

        return DockerfileDocument(path, text)
    from policyengine.documents.yaml import YamlDocument

    return YamlDocument(path, text, skim=skim)


def decoded(path: str, data: bytes) -> str:
    """The text of a file: UTF-8, or UTF-16 and UTF-32 with a byte order mark, as YAML 1.2 (5.2) says."""
    if len(data) > MAX_BYTES:
        raise DocumentError(f"larger than {MAX_BYTES // 2**20} MiB", path=path, hint="exclude it")
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    if encoding == "utf-8" and tuple(map(bool, data[:4])) in _WIDE:
        message = "UTF-16 or UTF-32 text without a byte order mark"
        raise DocumentError(message, path=path, line=1, hint="save it as UTF-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise DocumentError(f"not {encoding.upper()} text", path=path, line=line, hint="save it as UTF-8") from None


_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = frozenset(
    {(True, False, True, False), (False, True, False, True), (True, False, False, False), (False,) * 3 + (True,)}
)
"""Where in such texts' first bytes there are none but zeros. Kubernetes and Compose do not guess either."""
