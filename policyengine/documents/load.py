"""Files and bytes as documents."""

from __future__ import annotations

import codecs
import re
from os.path import basename, dirname, splitext
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
_RULES = re.compile(
    r"(?:.*\.)?rules\.v[46]|(?:.*[._-])?ip6?tables(?:[-_.](?:save|rules|dump).*)?|.*\.ip6?tables"
    r"|(?:.*[._-])?ipset(?:[-_.](?:save|conf|dump))?|.*\.ipset|ufw\.conf|firewalld\.conf"
).fullmatch
"""Where dumps of a firewall's rules are kept by Debian, Fedora and Arch; and the settings of what makes them."""
_PROGRAMS_OWN = ("ufw.conf", "firewalld.conf")
"""Settings whose directory is a firewall."""

_RULES_TEXT = re.compile(
    r"""(?x) \s* \{ \s* "nftables" \s* : \s* \[
      | (?: [ \t]* (?: \# [^\n]* )? \r?\n )* [ \t]*
        (?: \* (?:raw|mangle|nat|filter|security) [ \t]* (?: \r?\n | $ )
          | create [ ] \S+ [ ] (?:hash|bitmap|list): )"""
).match
_RESTORED_TEXT = re.compile(
    r"(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]*\*(?:raw|mangle|nat|filter|security)[ \t]*(?:\r?\n|$)"
).match
_YAML_SUFFIXES = frozenset({".yaml", ".yml", ".json"})
_NOT_DOCKERFILE_SUFFIXES = frozenset(
    {
        *(".dockerignore", ".containerignore", ".md", ".rst", ".adoc", ".txt", ".html"),
        *(".py", ".go", ".sh", ".js", ".ts", ".snap"),
        *(".bak", ".orig", ".rej", ".swp", ".patch", ".diff", ".log", ".lock", ".sha256", ".asc"),
    }
)


def format_of(path: str) -> str | None:
    """A document's format by a path's name: ``yaml``, ``dockerfile``, ``rules``, ...; None when it tells nothing."""
    name = basename(path)  # noqa: PTH119 - a path object takes longer, and this is asked of every file
    suffix = splitext(name)[1].lower()  # noqa: PTH122 - as above
    if suffix in _YAML_SUFFIXES:
        return "yaml"
    if _RULES(name):
        return "rules"
    if _may_be_sshd(name, path):
        return "sshd"
    if _may_be_ssh(name, path):
        return "ssh"
    if _may_be_sudoers(name, path):
        return "sudoers"
    if name in _ACCOUNTS:
        return "accounts"
    return "dockerfile" if suffix not in _NOT_DOCKERFILE_SUFFIXES and _DOCKERFILE(name) else None


_ACCOUNTS = frozenset({"passwd", "shadow", "group", "gshadow", "login.defs"})
"""The names of :data:`policyengine.documents.accounts.FORMS`, which takes longer to load."""


def _may_be_sshd(name: str, path: str) -> bool:
    """Whether a path's name is that of an sshd_config: only few names are looked at closely."""
    if "sshd" not in path:
        return False
    from policyengine.documents.configuration import is_sshd

    return is_sshd(name, basename(dirname(path)))  # noqa: PTH119, PTH120 - as above


def _may_be_ssh(name: str, path: str) -> bool:
    """Whether a path's name is that of an ssh_config."""
    if "ssh_config" not in path:
        return False
    from policyengine.documents.configuration import is_ssh

    return is_ssh(name, basename(dirname(path)))  # noqa: PTH119, PTH120 - as above


def _may_be_sudoers(name: str, path: str) -> bool:
    """Whether a path's name is that of sudoers: only few names are looked at closely."""
    if "sudoers" not in path:
        return False
    from policyengine.documents.sudoers import is_sudoers

    return is_sudoers(name, basename(dirname(path)))  # noqa: PTH119, PTH120 - as above


def is_rules(path: str, text: str) -> bool:
    """Whether a text begins as a dump of a firewall's rules does, or has a name that only such have."""
    name = basename(path)  # noqa: PTH119 - as above
    return _RULES_TEXT(text) is not None or name.startswith("rules.v") or name in _PROGRAMS_OWN


def document(path: str, data: bytes) -> Document:
    """The document that ``data`` is, by the path's name, else by the look of its text.

    Raises :class:`DocumentError` where the bytes are no text or the text is malformed.
    """
    return parsed(path, decoded(path, data))


def parsed(path: str, text: str, skim: Skim | None = None, *, partly: bool = False) -> Document:
    """The document that ``text`` is, as :func:`document` has it; ``skim`` tells what need not be read of YAML.

    With ``partly`` a stream of YAML may be read without the documents that are refused.
    """
    format_ = format_of(path)
    if format_ in (None, "rules"):
        _check_rules(path, text)
    if format_ == "rules" or (format_ != "dockerfile" and _RULES_TEXT(text)):
        from policyengine.documents.rules import RulesDocument

        return RulesDocument(path, text)
    if format_ == "sshd" or (format_ is None and _may_set_sshd(text)):
        from policyengine.documents.configuration import SshdDocument

        return SshdDocument(path, text)
    if format_ == "ssh":
        from policyengine.documents.configuration import SshDocument

        return SshDocument(path, text)
    if format_ == "sudoers" or (format_ is None and _may_be_text_of_sudoers(text)):
        from policyengine.documents.sudoers import SudoersDocument

        return SudoersDocument(path, text)
    if format_ == "accounts":
        from policyengine.documents.accounts import AccountsDocument

        return AccountsDocument(path, text)
    format_ = format_ or ("dockerfile" if _DOCKERFILE_TEXT(text) else "yaml")
    if format_ == "dockerfile":
        from policyengine.documents.dockerfile import DockerfileDocument

        return DockerfileDocument(path, text)
    from policyengine.documents.yaml import YamlDocument

    return YamlDocument(path, text, skim=skim, partly=partly)


_COMMENTS = r"(?:[ \t]*(?:\#[^\n]*)?\r?\n)*"
_NOT_READ = (
    (
        re.compile(
            rf"{_COMMENTS}[ \t]*(?:flush ruleset;?\s+)?table (?:(?:ip|ip6|inet|arp|bridge|netdev) )?[\w-]+ \{{"
        ).match,
        "rules in nft's own language",
        "give what nft -j list ruleset writes",
    ),
    (
        re.compile(r"\s*Name: \S+\r?\nType: \S+\r?\n").match,
        "sets as ipset list writes them",
        "give what ipset save writes",
    ),
    (
        re.compile(rf"{_COMMENTS}[ \t]*\*broute[ \t]*\r?\n").match,
        "rules of ebtables, which decide about frames",
        "packets are decided by what iptables-save and ip6tables-save write",
    ),
)
"""What of firewalls is not read, how it begins, and what is read in its place."""


def _check_rules(path: str, text: str) -> None:
    """Raise :class:`DocumentError` for rules in a form that is not read, which are easily taken for one that is."""
    for begins, what, hint in _NOT_READ:
        if begins(text):
            raise DocumentError(f"{what}: they are not read", path=path, line=1, hint=hint)


def _may_set_sshd(text: str) -> bool:
    from policyengine.documents.configuration import looks_like_sshd

    return looks_like_sshd(text)


def _may_be_text_of_sudoers(text: str) -> bool:
    from policyengine.documents.sudoers import looks_like_sudoers

    return looks_like_sudoers(text)


def decoded(path: str, data: bytes) -> str:
    """The text of a file: UTF-8, or UTF-16 and UTF-32 with a byte order mark, as YAML 1.2 (5.2) says.

    Dumps of rules may have other bytes, in comments: each is then told as ``\\xe9``.
    """
    if len(data) > MAX_BYTES:
        raise DocumentError(f"larger than {MAX_BYTES // 2**20} MiB", path=path, hint="exclude it")
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    if encoding == "utf-8" and tuple(map(bool, data[:4])) in _WIDE:
        message = "UTF-16 or UTF-32 text without a byte order mark"
        raise DocumentError(message, path=path, line=1, hint="save it as UTF-8")
    try:
        text = data.decode(encoding)
        if encoding != "utf-8" and _RESTORED_TEXT(text):
            message = "a byte order mark, or text that is not UTF-8: iptables-restore refuses it"
            raise DocumentError(message, path=path, line=1, hint="save it as UTF-8 without a byte order mark")
        return text
    except UnicodeDecodeError as error:
        text = data.decode(encoding, "backslashreplace")
        if encoding == "utf-8" and (format_of(path) == "rules" or _RULES_TEXT(text)):
            return text
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
