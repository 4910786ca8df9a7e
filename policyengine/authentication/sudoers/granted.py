"""The right side of a line that grants: commands with whom they run as, their options and tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from policyengine.authentication.sudoers import lists, timing, tokens
from policyengine.authentication.sudoers.stream import Stream, SyntaxFaultError
from policyengine.authentication.sudoers.tree import CommandSpec, Member, Options, Privilege, Runas, Tags

if TYPE_CHECKING:
    from collections.abc import Callable

    from policyengine.authentication.sudoers.tokens import Token

_TAGS: dict[str, tuple[str, bool]] = {
    "NOPASSWD:": ("nopasswd", True),
    "PASSWD:": ("nopasswd", False),
    "NOEXEC:": ("noexec", True),
    "EXEC:": ("noexec", False),
    "INTERCEPT:": ("intercept", True),
    "NOINTERCEPT:": ("intercept", False),
    "SETENV:": ("setenv", True),
    "NOSETENV:": ("setenv", False),
    "LOG_INPUT:": ("log_input", True),
    "NOLOG_INPUT:": ("log_input", False),
    "LOG_OUTPUT:": ("log_output", True),
    "NOLOG_OUTPUT:": ("log_output", False),
    "MAIL:": ("send_mail", True),
    "NOMAIL:": ("send_mail", False),
    "FOLLOW:": ("follow", True),
    "NOFOLLOW:": ("follow", False),
}


def privilege(stream: Stream) -> Privilege:
    """Hosts, and what may be run on them."""
    hosts = lists.hosts(stream)
    stream.expect("=")
    specs = [_spec(stream)]
    while stream.accept(","):
        specs.append(inherited(_spec(stream), specs[-1]))
    return Privilege(hosts, tuple(specs))


def _spec(stream: Stream) -> CommandSpec:
    runas = _runas(stream)
    options = _options(stream)
    tags = _tags(stream)
    command = lists.command(stream)
    if command.kind == "all" and not command.negated and tags.setenv is None:
        tags = replace(tags, setenv="implied")
    return CommandSpec(runas, options, tags, command)


def inherited(spec: CommandSpec, before: CommandSpec) -> CommandSpec:
    """A command with what those before it in the list say, where it says nothing itself."""
    runas = spec.runas if spec.runas is not None else before.runas
    return CommandSpec(
        runas, _inherited_options(spec.options, before.options), _inherited_tags(spec, before), spec.command
    )


def _inherited_options(own: Options, before: Options) -> Options:
    """Role and type are inherited together; a profile of AppArmor is not."""
    labels = own if own.role is not None or own.type is not None else before
    return Options(
        runchroot=before.runchroot if own.runchroot is None else own.runchroot,
        runcwd=before.runcwd if own.runcwd is None else own.runcwd,
        timeout=before.timeout if own.timeout is None else own.timeout,
        notbefore=before.notbefore if own.notbefore is None else own.notbefore,
        notafter=before.notafter if own.notafter is None else own.notafter,
        role=labels.role,
        type=labels.type,
        apparmor_profile=own.apparmor_profile,
    )


def _inherited_tags(spec: CommandSpec, before: CommandSpec) -> Tags:
    own, earlier = spec.tags, before.tags
    return Tags(
        nopasswd=earlier.nopasswd if own.nopasswd is None else own.nopasswd,
        noexec=earlier.noexec if own.noexec is None else own.noexec,
        intercept=earlier.intercept if own.intercept is None else own.intercept,
        setenv=_inherited_setenv(own.setenv, earlier.setenv),
        log_input=earlier.log_input if own.log_input is None else own.log_input,
        log_output=earlier.log_output if own.log_output is None else own.log_output,
        send_mail=earlier.send_mail if own.send_mail is None else own.send_mail,
        follow=earlier.follow if own.follow is None else own.follow,
    )


def _inherited_setenv(
    own: bool | Literal["implied"] | None, earlier: bool | Literal["implied"] | None
) -> bool | Literal["implied"] | None:
    return earlier if own is None and earlier != "implied" else own


def _runas(stream: Stream) -> Runas | None:
    begin = stream.accept("(")
    if begin is None:
        return None
    found = _runas_lists(stream, begin)
    stream.expect(")")
    return found


def _runas_lists(stream: Stream, begin: Token) -> Runas:
    """``()`` and ``(:)`` stand for the user who runs it."""
    myself = Runas((Member("self", "", begin.place),), None)
    if stream.peek().kind == ")":
        return myself
    if stream.accept(":"):
        return myself if stream.peek().kind == ")" else Runas(None, lists.groups(stream))
    users = lists.users(stream)
    return Runas(users, lists.groups(stream) if stream.accept(":") else None)


def _tags(stream: Stream) -> Tags:
    found: dict[str, bool] = {}
    while (tag := _TAGS.get(stream.peek().kind)) is not None:
        stream.take()
        found[tag[0]] = tag[1]
    return Tags(**found)


def _options(stream: Stream) -> Options:
    found: dict[str, str | int] = {}
    while (option := _OPTIONS.get(stream.peek().kind)) is not None:
        stream.take()
        stream.expect("=")
        word = stream.expect(tokens.WORD)
        name, read = option
        try:
            found[name] = read(word.text)
        except ValueError as wrong:
            raise SyntaxFaultError(str(wrong), word.place) from None
    return Options(**found)  # type: ignore[arg-type]


def _path(name: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text[:1] not in ("/", "~") and text != "*":
            raise ValueError(f"values for \"{name}\" must start with a '/', '~', or '*'")
        if len(text.encode("utf-8", "surrogateescape")) >= lists.MOST_PATH:
            raise ValueError(f'"{name}" path too long')
        return text

    return read


_OPTIONS: dict[str, tuple[str, Callable[[str], str | int]]] = {
    "CWD": ("runcwd", _path("CWD")),
    "CHROOT": ("runchroot", _path("CHROOT")),
    "TIMEOUT": ("timeout", timing.timeout),
    "NOTBEFORE": ("notbefore", timing.moment("notbefore")),
    "NOTAFTER": ("notafter", timing.moment("notafter")),
    "ROLE": ("role", str),
    "TYPE": ("type", str),
    "APPARMOR_PROFILE": ("apparmor_profile", str),
}
