"""The parser: lines that grant, set, name and include. After a line that is wrong it goes on, as sudo does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.sudoers import granted, lists, tokens
from policyengine.authentication.sudoers.problems import Problem
from policyengine.authentication.sudoers.stream import Stream, SyntaxFaultError
from policyengine.authentication.sudoers.tree import Alias, AliasKind, Include, Refused, Setting, Tree, UserSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    from policyengine.authentication.sudoers.lexer import Lexer
    from policyengine.authentication.sudoers.tokens import Place, Token
    from policyengine.authentication.sudoers.tree import Members, Operation, Privilege, Scope

_SCOPES: dict[str, tuple[Scope, Callable[[Stream], Members] | None]] = {
    "Defaults": ("all", None),
    "Defaults:": ("user", lists.users),
    "Defaults>": ("runas", lists.users),
    "Defaults@": ("host", lists.hosts),
    "Defaults!": ("command", lists.commands),
}
_ALIASES: dict[str, tuple[AliasKind, Callable[[Stream], Members]]] = {
    "User_Alias": ("User_Alias", lists.users),
    "Runas_Alias": ("Runas_Alias", lists.users),
    "Host_Alias": ("Host_Alias", lists.hosts),
    "Cmnd_Alias": ("Cmnd_Alias", lists.commands),
}
_RESERVED = {
    "ALL": "ALL",
    "CHROOT": "CHROOT",
    "CWD": "CWD",
    "TIMEOUT": "CMND_TIMEOUT",
    "NOTBEFORE": "NOTBEFORE",
    "NOTAFTER": "NOTAFTER",
    "ROLE": "ROLE",
    "TYPE": "TYPE",
    "APPARMOR_PROFILE": "APPARMOR_PROFILE",
}
_OPERATIONS: dict[str, Operation] = {"=": "set", "+=": "add", "-=": "remove"}


class Parser:
    """Reads all lines. ``include`` is called for each directive, and makes the scanner go on with what is included."""

    def __init__(self, lexer: Lexer, problems: list[Problem], include: Callable[[Include], None]) -> None:
        self._stream = Stream(lexer)
        self._problems = problems
        self._include = include
        self._groups = 0
        self.tree = Tree([], [], [], {}, [])

    def read(self) -> Tree:
        """All that the files say."""
        while self._stream.peek().kind != tokens.END:
            try:
                self._line()
            except SyntaxFaultError as fault:
                self._complain(fault)
                self._stream.skip_line()
        return self.tree

    def _complain(self, fault: SyntaxFaultError) -> None:
        self._problems.append(Problem(fault.message, fault.place.location, fault.place.file))

    def _line(self) -> None:
        kind = self._stream.peek().kind
        if kind == tokens.NEWLINE:
            self._stream.take()
        elif kind in ("include", "includedir"):
            self._included(self._stream.take())
        elif kind in _SCOPES:
            self._defaults(self._stream.take())
        elif kind in _ALIASES:
            self._stream.take()
            self._aliases(*_ALIASES[kind])
        else:
            self._spec()

    def _included(self, directive: Token) -> None:
        word = self._stream.expect(tokens.WORD)
        try:
            self._stream.expect(tokens.NEWLINE)
        except SyntaxFaultError as fault:
            self._complain(fault)
            self._stream.skip_line()
        one = Include("includedir" if directive.kind == "includedir" else "include", word.text, None, word.place)
        self._include(one)

    def _defaults(self, begin: Token) -> None:
        scope, subjects = _SCOPES[begin.kind]
        members = subjects(self._stream) if subjects else ()
        found = [self._setting(scope, members)]
        while self._stream.accept(","):
            found.append(self._setting(scope, members))
        self._stream.expect(tokens.NEWLINE)
        self._groups += 1
        self.tree.settings += found

    def _setting(self, scope: Scope, members: Members) -> Setting:
        bang = self._stream.accept("!")
        name = self._stream.expect(tokens.VARIABLE)
        operation: Operation = "unset" if bang else "set"
        value, place = None, bang.place.to(name.place) if bang else name.place
        if not bang and (sign := _OPERATIONS.get(self._stream.peek().kind)):
            self._stream.take()
            word = self._stream.expect(tokens.WORD)
            operation, value, place = sign, word.text, place.to(word.place)
        return Setting(name.text, value, operation, scope, members, place, self._groups)

    def _aliases(self, kind: AliasKind, members: Callable[[Stream], Members]) -> None:
        while True:
            name = self._alias_name()
            self._stream.expect("=")
            self._add(Alias(kind, name.text, members(self._stream), name.place))
            if not self._stream.accept(":"):
                break
        self._stream.expect(tokens.NEWLINE)

    def _alias_name(self) -> Token:
        kind = self._stream.peek().kind
        if kind in _RESERVED:
            word = self._stream.take()
            raise SyntaxFaultError(f"syntax error, reserved word {_RESERVED[kind]} used as an alias name", word.place)
        return self._stream.expect(tokens.ALIAS)

    def _add(self, alias: Alias) -> None:
        if (alias.kind, alias.name) in self.tree.aliases:
            raise SyntaxFaultError(f'Alias "{alias.name}" already defined', alias.place)
        self.tree.aliases[alias.kind, alias.name] = alias

    def _spec(self) -> None:
        begin = self._stream.peek().place
        try:
            users = lists.users(self._stream)
            privileges = self._privileges()
            end = self._stream.expect(tokens.NEWLINE).place
        except SyntaxFaultError as fault:
            self.tree.refused.append(Refused(fault.message, begin.to(fault.place)))
            raise
        self.tree.specs.append(UserSpec(users, privileges, _around(users[0].place, end)))

    def _privileges(self) -> tuple[Privilege, ...]:
        """What users may run on each list of hosts. After the first, one that is wrong is left out."""
        found = [granted.privilege(self._stream)]
        while self._stream.accept(":"):
            try:
                found.append(granted.privilege(self._stream))
            except SyntaxFaultError as fault:
                self._complain(fault)
        return tuple(found)


def _around(begin: Place, end: Place) -> Place:
    """From the beginning of a line to its end."""
    return begin if end.line != begin.line or end.file != begin.file else begin.to(end)
