"""Tokens with one of them looked at before it is taken, as late as sudo's parser does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.sudoers import tokens

if TYPE_CHECKING:
    from policyengine.authentication.sudoers.lexer import Lexer
    from policyengine.authentication.sudoers.tokens import Place, Token


class SyntaxFaultError(Exception):
    """What a line says is not sudoers."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.message = message
        self.place = place


class Stream:
    """The tokens of a scanner."""

    def __init__(self, lexer: Lexer) -> None:
        self._lexer = lexer
        self._ahead: Token | None = None
        self._last: Place | None = None

    def peek(self) -> Token:
        """The next token, which stays."""
        if self._ahead is None:
            self._ahead = self._lexer.next()
        return self._ahead

    def take(self) -> Token:
        """The next token."""
        token = self.peek()
        self._ahead = None
        self._last = token.place
        return token

    def accept(self, kind: str) -> Token | None:
        """The next token where it is of a kind, else None."""
        return self.take() if self.peek().kind == kind else None

    def expect(self, *kinds: str) -> Token:
        """The next token, of one of some kinds. Raises :class:`SyntaxFaultError` for any other."""
        token = self.peek()
        if token.kind in kinds:
            return self.take()
        raise SyntaxFaultError(token.text if token.kind == tokens.ERROR else "syntax error", token.place)

    def fault(self, message: str) -> SyntaxFaultError:
        """What is wrong with what was taken last."""
        return SyntaxFaultError(message, self._last or self.peek().place)

    def skip_line(self) -> None:
        """Take all up to the end of the line, and that as well."""
        while self.peek().kind not in (tokens.NEWLINE, tokens.END):
            self.take()
        if self.peek().kind == tokens.NEWLINE:
            self.take()
