"""The lists of the grammar: users, hosts, groups and commands, each with its members negated or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.sudoers import tokens
from policyengine.authentication.sudoers.stream import Stream, SyntaxFaultError
from policyengine.authentication.sudoers.tree import Digest, Member, MemberKind, Members

if TYPE_CHECKING:
    from policyengine.authentication.sudoers.tokens import Token

_USER: dict[str, MemberKind] = {
    tokens.ALIAS: "alias",
    tokens.ALL: "all",
    tokens.NETGROUP: "netgroup",
    tokens.USERGROUP: "group",
    tokens.WORD: "name",
}
_HOST: dict[str, MemberKind] = {
    tokens.ALIAS: "alias",
    tokens.ALL: "all",
    tokens.NETGROUP: "netgroup",
    tokens.ADDRESS: "address",
    tokens.WORD: "name",
}
_GROUP: dict[str, MemberKind] = {tokens.ALIAS: "alias", tokens.ALL: "all", tokens.WORD: "name"}
_COMMAND: dict[str, MemberKind] = {tokens.ALIAS: "alias", tokens.ALL: "all", tokens.COMMAND: "command"}
_DIGESTS = frozenset({"sha224", "sha256", "sha384", "sha512"})

MOST_PATH = 4096
"""PATH_MAX: a path is shorter."""


def users(stream: Stream) -> Members:
    """A list of users: of those who may run something, or whom it may be run as."""
    return _listed(stream, _USER)


def hosts(stream: Stream) -> Members:
    """A list of hosts."""
    return _listed(stream, _HOST)


def groups(stream: Stream) -> Members:
    """A list of groups that something may be run as; their names have no ``%``."""
    return _listed(stream, _GROUP)


def commands(stream: Stream) -> Members:
    """A list of commands, with digests."""
    found = [command(stream)]
    while stream.accept(","):
        found.append(command(stream))
    return tuple(found)


def _listed(stream: Stream, kinds: dict[str, MemberKind]) -> Members:
    found = [_member(stream, kinds)]
    while stream.accept(","):
        found.append(_member(stream, kinds))
    return tuple(found)


def _member(stream: Stream, kinds: dict[str, MemberKind]) -> Member:
    bang = stream.accept("!")
    token = stream.expect(*kinds)
    place = bang.place.to(token.place) if bang else token.place
    return Member(kinds[token.kind], token.text, place, negated=bang is not None)


def command(stream: Stream) -> Member:
    """A command, ALL, an alias, or ``list``, with the digests before it."""
    digests = _digests(stream)
    bang = stream.accept("!")
    token = stream.expect(tokens.ALL, tokens.ALIAS, tokens.COMMAND, tokens.WORD)
    kind = _command_kind(stream, token)
    if digests and kind == "alias":
        raise stream.fault("a digest requires a path name")
    place = bang.place.to(token.place) if bang else token.place
    return Member(kind, token.text, place, bang is not None, token.arguments, digests)


def _command_kind(stream: Stream, token: Token) -> MemberKind:
    if token.kind == tokens.WORD:
        if token.text != "list":
            raise SyntaxFaultError("expected a fully-qualified path name", token.place)
        return "command"
    if token.kind == tokens.COMMAND and len(token.text.encode("utf-8", "surrogateescape")) >= MOST_PATH:
        raise stream.fault("command too long")
    return _COMMAND[token.kind]


def _digests(stream: Stream) -> tuple[Digest, ...]:
    if stream.peek().kind not in _DIGESTS:
        return ()
    found = [_digest(stream)]
    while stream.accept(","):
        found.append(_digest(stream))
    return tuple(found)


def _digest(stream: Stream) -> Digest:
    kind = stream.expect(*_DIGESTS).kind
    stream.expect(":")
    return Digest(kind, stream.expect(tokens.DIGEST).text)
