"""Configuration files of which every line sets something, with comments that begin with ``#``: those of OpenSSH."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from policyengine.documents.document import Comment, Entry, seeming
from policyengine.documents.rules import RulesDocument

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAME = re.compile(r"(?:.*[._-])?sshd_config(?:[._-](?!d$).*)?").fullmatch
_CLIENT = re.compile(r"(?:.*[._-])?ssh_config(?:[._-](?!d$).*)?").fullmatch
_LINE = re.compile(
    r"""(?mx) ^ [ \t]* (?i:
        PermitRootLogin | PermitEmptyPasswords | AuthorizedKeysFile
      | KbdInteractiveAuthentication | ChallengeResponseAuthentication | ClientAliveInterval | MaxAuthTries
      | Subsystem[ \t]+sftp | UsePAM | X11Forwarding | LoginGraceTime ) (?: [ \t]++ =? | = ) [ \t]*+ [^\s:=]"""
).search


_BEGINNING = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]*[A-Za-z]++(?:[ \t]++=?|=)[ \t]*+[^\s:=]").match


_TRAILED = re.compile(
    r"""(?x) [ \t]*+ (?P<keyword>[A-Za-z0-9]++) (?: [ \t]*+= | [ \t] ) [ \t]*+
    (?: (?!\#) (?: \\["'\\ ] | "(?:\\.|[^"\\])*+" | '(?:\\.|[^'\\])*+' | [^\s"'] )++ [ \t]++ )++ \#(?P<text>.*)
    """
).match
"""A line with a ``#`` that begins a word after arguments, which may be quoted."""


def is_sshd(name: str, directory: str) -> bool:
    """Whether a file is named as sshd_config is, or lies where its parts do."""
    return _NAME(name) is not None or (directory == "sshd_config.d" and name.endswith(".conf"))


def is_ssh(name: str, directory: str) -> bool:
    """Whether a file is named as the client's ssh_config is, or lies where its parts do."""
    return _CLIENT(name) is not None or (directory == "ssh_config.d" and name.endswith(".conf"))


def looks_like_sshd(text: str) -> bool:
    """Whether a text begins with a line that sets something, and has one that sets what only sshd_config does."""
    return _BEGINNING(text) is not None and _LINE(text) is not None


class SshdDocument(RulesDocument):
    """An sshd_config. Paths into it are those of :class:`RulesDocument`."""

    format = "sshd"

    _commands: ClassVar = frozenset(("forcecommand", "versionaddendum"))
    """The options whose value goes on to the end of the line, whatever is in it."""

    def comments(self) -> Iterable[Comment]:
        """The lines that are comments, and what follows arguments after a ``#``, as since OpenSSH 8.5."""
        for number, line in enumerate(self.lines, 1):
            text = line.lstrip()
            if text.startswith("#"):
                yield Comment(number, len(line) - len(text) + 1, text[1:], alone=True)
            elif (found := _TRAILED(line)) and found["keyword"].lower() not in self._commands:
                yield Comment(number, found.start("text"), found["text"], alone=False)

    def seeming_comments(self) -> Iterable[Comment]:
        """What belongs to an option's value, though it has a ``#``."""
        return seeming(
            (number, line)
            for number, line in enumerate(self.lines, 1)
            if (found := _TRAILED(line)) and found["keyword"].lower() in self._commands
        )

    def entries(self) -> Iterable[Entry]:
        """Every line that is neither blank nor a comment."""
        for number, line in enumerate(self.lines, 1):
            if line.strip() and not line.lstrip().startswith("#"):
                yield Entry((0, number), self.span((0, number)))


class SshDocument(SshdDocument):
    """An ssh_config, which is written as sshd_config is."""

    format = "ssh"
    _commands: ClassVar = frozenset(("knownhostscommand", "localcommand", "proxycommand", "proxyjump", "remotecommand"))
