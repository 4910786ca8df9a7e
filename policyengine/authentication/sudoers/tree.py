"""What sudoers is made of. The words are those of the grammar in sudoers(5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from policyengine.authentication.sudoers.tokens import Place

MemberKind = Literal["name", "group", "netgroup", "address", "alias", "all", "self", "command"]


class Digest(Struct, frozen=True):
    """A digest that a command must have: ``sha256`` and its hexadecimal or base64 text."""

    kind: str
    text: str


class Member(Struct, frozen=True):
    """One of a list: a user, group, host or command, or an alias of such.

    ``text`` is as it is written without its escapes: ``%wheel``, ``#0``, ``/bin/ls``. ``arguments`` are a command's,
    None where it has none: then it may be run with any. ``self``: the runas list ``()``.
    """

    kind: MemberKind
    text: str
    place: Place
    negated: bool = False
    arguments: str | None = None
    digests: tuple[Digest, ...] = ()

    @property
    def command(self) -> str:
        """A command with its arguments."""
        return self.text if self.arguments is None else f"{self.text} {self.arguments}"


Members = tuple[Member, ...]


class Runas(Struct, frozen=True):
    """Whom a command may be run as; None where no list is given. Compared by identity when it is inherited."""

    users: Members | None
    groups: Members | None


class Tags(Struct, frozen=True):
    """The tags of a command, None where none says anything. ``setenv`` of ALL without a tag is ``implied``."""

    nopasswd: bool | None = None
    noexec: bool | None = None
    intercept: bool | None = None
    setenv: bool | Literal["implied"] | None = None
    log_input: bool | None = None
    log_output: bool | None = None
    send_mail: bool | None = None
    follow: bool | None = None


class Options(Struct, frozen=True):
    """The options of a command: CHROOT, CWD, TIMEOUT, NOTBEFORE, NOTAFTER, ROLE, TYPE, APPARMOR_PROFILE."""

    runchroot: str | None = None
    runcwd: str | None = None
    timeout: int | None = None
    notbefore: int | None = None
    notafter: int | None = None
    role: str | None = None
    type: str | None = None
    apparmor_profile: str | None = None


class CommandSpec(Struct, frozen=True):
    """One command that may be run, as whom, with its tags and options, inherited ones included."""

    runas: Runas | None
    options: Options
    tags: Tags
    command: Member


class Privilege(Struct, frozen=True):
    """What may be run on some hosts."""

    hosts: Members
    commands: tuple[CommandSpec, ...]


class UserSpec(Struct, frozen=True):
    """Who may run what: a line that grants."""

    users: Members
    privileges: tuple[Privilege, ...]
    place: Place


AliasKind = Literal["User_Alias", "Runas_Alias", "Host_Alias", "Cmnd_Alias"]


class Alias(Struct, frozen=True):
    """A name for a list."""

    kind: AliasKind
    name: str
    members: Members
    place: Place


Scope = Literal["all", "user", "runas", "host", "command"]
Operation = Literal["set", "unset", "add", "remove"]


class Setting(Struct, frozen=True):
    """One setting of a Defaults line, and for whom it is. ``value`` is None where none is given.

    ``group`` numbers the line: those of one line have the same.
    """

    name: str
    value: str | None
    operation: Operation
    scope: Scope
    subjects: Members
    place: Place
    group: int


class Include(Struct, frozen=True):
    """A directive that includes a file or a directory: as it is written, the path that it stands for, and its place.

    ``path`` is None where it cannot be told without the name of the host (``%h``).
    """

    directive: Literal["include", "includedir"]
    written: str
    path: str | None
    place: Place


class Refused(Struct, frozen=True):
    """A line that seems to grant something, but is not sudoers: sudo passes over it. ``message``: what is wrong."""

    message: str
    place: Place


class Tree(Struct):
    """All that the files say, in the order in which sudo reads them."""

    specs: list[UserSpec]
    refused: list[Refused]
    settings: list[Setting]
    aliases: dict[tuple[AliasKind, str], Alias]
    includes: list[Include]
