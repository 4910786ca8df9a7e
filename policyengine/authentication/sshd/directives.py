"""How each directive takes its arguments: most are set once, some add up, a few are set again by each line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.sshd import numbers, values
from policyengine.authentication.sshd.line import BadError, FatalError
from policyengine.authentication.sshd.options import add, put
from policyengine.authentication.sshd.patterns import address_list_is_valid
from policyengine.authentication.sshd.versions import Version
from policyengine.authentication.sshd.words import lower

if TYPE_CHECKING:
    from collections.abc import Callable

    from policyengine.authentication.sshd.line import Line
    from policyengine.authentication.sshd.options import Options

    Handler = Callable[[Line, Options, bool, str], None]
    """Takes a line, what is set so far, whether the line counts, and the name of the option that it sets."""

MISSING = "missing argument."
MISSING_FILE = "missing file name."
MISSING_TIME = "missing time value."


def once(parse: values.Parse, missing: str = "{keyword} missing argument.") -> Handler:
    """One argument; the first line that counts sets it."""

    def handle(line: Line, options: Options, active: bool, name: str) -> None:
        value = parse(line.need(missing.format(keyword=line.keyword)), line)
        if active and name not in options:
            put(options, name, (value,), line.values_at)

    return handle


def path(parse: values.Parse, missing: str = MISSING_FILE) -> Handler:
    """A path, whose ``~`` is looked up, and refused where there is no such user, only where it is set."""

    def handle(line: Line, options: Options, active: bool, name: str) -> None:
        text = line.need(missing.format(keyword=line.keyword))
        if active and name not in options:
            put(options, name, (parse(text, line),), line.values_at)

    return handle


def again(parse: values.Parse, missing: str = "{keyword} missing argument.") -> Handler:
    """One argument; every line that counts sets it."""

    def handle(line: Line, options: Options, active: bool, name: str) -> None:
        value = parse(line.need(missing.format(keyword=line.keyword)), line)
        if active:
            put(options, name, (value,), line.values_at)

    return handle


def choice(words: dict[str, str]) -> Handler:
    """One of several words."""
    return once(values.choice(words), MISSING)


def integer(line: Line, options: Options, active: bool, name: str) -> None:
    """A number."""
    if not (text := line.next()):
        raise FatalError(f"{line.keyword} integer value missing.")
    value = values.integer(text, line)
    if active and name not in options:
        put(options, name, (value,), line.values_at)


def logged(parse: Callable[[Line], str]) -> Handler:
    """A word of syslog."""

    def handle(line: Line, options: Options, active: bool, name: str) -> None:
        value = parse(line)
        if active and name not in options:
            put(options, name, (value,), line.values_at)

    return handle


def port(line: Line, options: Options, _active: bool, name: str) -> None:
    """Ports add up."""
    if len(options[name].values if name in options else ()) >= 256:
        raise FatalError("too many ports.")
    if not (number := values.port_number(line.need("missing port number."), line)):
        raise FatalError("Badly formatted port number.")
    add(options, name, (str(number),), line.values_at)


def listen_address(line: Line, options: Options, _active: bool, name: str) -> None:
    """Addresses add up; they are looked at when all ports are known. Kept as ``host``, port or 0, routing domain."""
    text = line.need("missing address")
    if "[" not in text and text.count(":") >= 2:
        host, number = text, 0
    else:
        host, number = _host_and_port(text, line)
    domain = ""
    if (word := line.next()) is not None:
        following = line.next() if word == "rdomain" else None
        if following is None:
            raise FatalError("bad ListenAddress syntax")
        domain = following
    add(options, name, (f"{host}\0{number}\0{domain}",), line.values_at)


def _host_and_port(text: str, line: Line) -> tuple[str, int]:
    split = host_port(text)
    if split is None:
        raise FatalError("bad address:port usage")
    host, rest = split
    number = 0 if rest is None else values.port_number(rest, line)
    if number is None or (rest is not None and number == 0):
        raise FatalError("bad port number")
    return host, number


def host_port(text: str) -> tuple[str, str | None] | None:
    """A host, which may be in brackets, and what follows its colon; None where that is malformed."""
    if text.startswith("["):
        end = text.find("]") + 1
    else:
        end = min((at for at in (text.find(":"), text.find("/")) if at >= 0), default=len(text))
    if end == 0 or text[end : end + 1] not in ("", ":"):
        return None
    host = text[:end]
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    return bare, text[end + 1 :] if end < len(text) else None


def files(line: Line, options: Options, active: bool, name: str) -> None:
    """Files of keys add up."""
    text = line.need(MISSING_FILE)
    if active:
        add(options, name, (values.path(text, line),), line.values_at)


def users(line: Line, options: Options, active: bool, name: str) -> None:
    """Patterns of users add up."""
    for text in iter(line.next, None):
        _, at, hosts = text.partition("@")
        if not text or (at and not address_list_is_valid(hosts)):
            raise FatalError(f'invalid {line.keyword} pattern: "{text}"')
        if active:
            add(options, name, (text,), line.values_at)


def groups(line: Line, options: Options, active: bool, name: str) -> None:
    """Patterns of groups add up."""
    for text in iter(line.next, None):
        if not text:
            raise FatalError(f"empty {line.keyword} pattern")
        if active:
            add(options, name, (text,), line.values_at)


def accepted_environment(line: Line, options: Options, active: bool, name: str) -> None:
    """Names of variables add up."""
    for text in iter(line.next, None):
        if not text or "=" in text:
            raise FatalError("Invalid environment name.")
        if active:
            add(options, name, (text,), line.values_at)


def environment(line: Line, options: Options, active: bool, name: str) -> None:
    """Variables: of the first line that has any, and the first of each name."""
    first = name not in options
    for text in iter(line.next, None):
        if not text or "=" not in text:
            raise FatalError("Invalid environment.")
        names = {one.partition("=")[0] for one in (options[name].values if name in options else ())}
        if active and first and text.partition("=")[0] not in names:
            add(options, name, (text,), line.values_at)


def listed(parse: Callable[[str, Line, bool], str]) -> Handler:
    """Several arguments; the first line that has any, sets them. ``parse`` is told whether one stands alone."""

    def handle(line: Line, options: Options, active: bool, name: str) -> None:
        first, alone = name not in options, line.left == 1
        for text in iter(line.next, None):
            value = parse(text, line, alone)
            if active and first:
                add(options, name, (value,), line.values_at)

    return handle


def keys_file(text: str, line: Line, _alone: bool) -> str:
    """A file of authorized keys."""
    if not text:
        raise BadError(f"keyword {line.keyword} empty argument")
    return values.expanded(text, line)


def verbose(text: str, line: Line, alone: bool) -> str:
    """A pattern of places in the source that log, or ``none`` alone."""
    if not text:
        raise BadError(f"keyword {line.keyword} empty argument")
    return _by_itself(text, line, alone)


def _by_itself(text: str, line: Line, alone: bool) -> str:
    if lower(text) == "none" and not alone:
        raise BadError(f'keyword {line.keyword} "none" argument must appear alone.')
    return text


def channel_timeout(text: str, line: Line, alone: bool) -> str:
    """``pattern=time``, or ``none`` alone."""
    if lower(text) == "none":
        return _by_itself(text, line, alone)
    pattern, _, time = text.partition("=")
    if not pattern or numbers.seconds(time) is None:
        raise FatalError(f"invalid channel timeout {text}")
    return text


def methods(line: Line, options: Options, active: bool, name: str) -> None:
    """Lists of authentication methods, or ``any`` alone."""
    first, any_of, some = name not in options, False, False
    for text in iter(line.next, None):
        if any_of or (text == "any" and name in options):
            raise FatalError(f'"any" must appear alone in {line.keyword}')
        any_of = text == "any"
        if not any_of and not all(one.partition(":")[0] in METHODS for one in text.split(",")):
            raise FatalError(f"invalid {line.keyword} method list.")
        some = True
        if active and first:
            add(options, name, (text,), line.values_at)
    if not some:
        raise FatalError(f"no {line.keyword} specified")


METHODS = {
    "none": None,
    "publickey": "pubkeyauthentication",
    "gssapi-keyex": "gssapiauthentication",
    "gssapi-with-mic": "gssapiauthentication",
    "password": "passwordauthentication",
    "keyboard-interactive": "kbdinteractiveauthentication",
    "hostbased": "hostbasedauthentication",
}
"""The methods that may be named, and the option that turns each on."""


def key_options(line: Line, options: Options, active: bool, name: str) -> None:
    """What is demanded of FIDO keys."""
    found: set[str] = set()
    for text in iter(line.next, None):
        if lower(text) not in ("none", "touch-required", "verify-required"):
            raise BadError(f"unsupported {line.keyword} option {text}")
        found.add(lower(text))
    if active and name not in options:
        order = [one for one in ("touch-required", "verify-required") if one in found]
        put(options, name, tuple(order) or ("none",), line.values_at)


def user_environment(line: Line, options: Options, active: bool, name: str) -> None:
    """``yes``, ``no``, or a list of patterns of names."""
    text = line.need(f"{line.keyword} missing argument.")
    if active and name not in options:
        put(options, name, (text,), line.values_at)


def rekey_limit(line: Line, options: Options, active: bool, name: str) -> None:
    """How much is sent before keys are renewed, and after which time. Kept as ``rekeylimit`` and ``rekeyinterval``."""
    text = line.need(f"{line.keyword} missing argument.")
    size = 0 if text == "default" else numbers.scaled(text)
    if size is None:
        raise FatalError(f"Bad {line.keyword} number '{text}'")
    if size < 16 and size:
        raise FatalError(f"{line.keyword} too small")
    if active and name not in options:
        put(options, name, (str(size),), line.values_at)
    if line.peek() == "none":
        line.next()
    elif line.left:
        once(values.time, MISSING_TIME)(line, options, active, "rekeyinterval")


def start_limit(line: Line, options: Options, _active: bool, name: str) -> None:
    """How many may be logging in: ``begin:rate:full``, of which each line that counts sets what it says."""
    found = numbers.colon_separated(line.need(f"{line.keyword} missing argument."))
    if len(found) == 1:
        rate = options[name].values[1] if name in options else DEFAULT_RATE
        begin, full = found[0], found[0]
    elif len(found) == 3:
        begin, rate, full = found[0], str(found[1]), found[2]
        if begin > full or not 1 <= found[1] <= 100:
            raise FatalError(f"Invalid {line.keyword} spec.")
    if len(found) == 2 or not found or full <= 0 or begin <= 0:
        raise FatalError(f"Invalid {line.keyword} spec.")
    put(options, name, (str(begin), rate, str(full)), line.values_at)


DEFAULT_RATE = "30"
"""In percent: how many of those who would be too many are turned away at first."""


def block_size(line: Line, options: Options, active: bool, name: str) -> None:
    """The lengths of the networks that count as one source: ``v4:v6``."""
    found = numbers.colon_separated(line.need(f"{line.keyword} missing argument."))[:2]
    if not found or not 0 <= found[0] <= 32 or not 0 <= found[-1] <= 128:
        raise FatalError(f"Invalid {line.keyword} spec.")
    if active:
        put(options, name, (f"{found[0]}:{found[1] if len(found) > 1 else 128}",), line.values_at)


def permitted(line: Line, options: Options, active: bool, name: str) -> None:
    """Hosts and ports that may be forwarded to, ``any`` or ``none``. A bare port will do to be listened at."""
    text: str | None = line.need(f"{line.keyword} missing argument.")
    first = name not in options
    if text in ("any", "none"):
        if active and first:
            put(options, name, (text,), line.values_at)
        return
    while text:
        bare = name == "permitlisten" and ":" not in text
        value = f"*:{text}" if bare else text
        split = ("*", text) if bare else host_port(text)
        if split is None:
            raise FatalError(f"{line.keyword} missing host")
        if split[1] is None or (split[1] != "*" and not values.port_number(split[1], line)):
            raise FatalError(f"{line.keyword} bad port number")
        if active and first:
            add(options, name, (value,), line.values_at)
        text = line.next()


def subsystem(line: Line, options: Options, active: bool, name: str) -> None:
    """A subsystem and its command. The same one twice is refused; since 9.5 the first one counts."""
    defined = options[name].values if name in options else ()
    if len(defined) >= 256:
        raise FatalError("too many subsystems defined.")
    text = line.need(f"{line.keyword} missing argument.")
    twice = any(one.partition(" ")[0] == text for one in defined)
    if twice and line.build.version < FIRST_SUBSYSTEM_COUNTS:
        raise FatalError(f"Subsystem '{text}' already defined.")
    if twice or not active:
        return line.consume()
    command = [line.need("Missing subsystem command."), *iter(line.next, None)]
    add(options, name, (f"{text} {' '.join(command)}",), line.values_at)
    return None


FIRST_SUBSYSTEM_COUNTS = Version(9, 5)


def forced_command(line: Line, options: Options, active: bool, name: str) -> None:
    """All that follows, as it is written."""
    if active and name not in options:
        put(options, name, (line.whole,), line.values_at)
    line.consume()


def addendum(line: Line, options: Options, active: bool, name: str) -> None:
    """All that follows, as it is written, or ``none``."""
    if "\r" in line.whole:
        raise FatalError(f"Invalid {line.keyword} argument")
    if active and name not in options:
        put(options, name, ("none" if lower(line.whole) == "none" else line.whole,), line.values_at)
    line.consume()


def command(line: Line, options: Options, active: bool, name: str) -> None:
    """A command by its absolute path, or ``none``.

    That of principals is set again by each line, and by none once that of keys is set (as ``servconf.c`` has it).
    """
    if not line.whole.startswith("/") and lower(line.whole) != "none":
        raise FatalError(f"{line.keyword} must be an absolute path")
    if active and "authorizedkeyscommand" not in options:
        put(options, name, (line.whole,), line.values_at)
    line.consume()


def service_classes(line: Line, options: Options, active: bool, name: str) -> None:
    """Types of service for what is interactive and what is not; each line that counts sets them."""
    first = values.service_class(line.need(f"{line.keyword} missing argument."), line)
    second = line.next()
    other = first if second is None else values.service_class(second, line)
    if active:
        put(options, name, (first, other), line.values_at)


def unused_timeout(line: Line, options: Options, active: bool, name: str) -> None:
    """A time, or ``none``, which every line sets."""
    if lower(line.peek() or "") == "none":
        line.next()
        if active:
            put(options, name, ("none",), line.values_at)
        return
    once(values.time, MISSING_TIME)(line, options, active, name)


def routing_domain(_line: Line, _options: Options, _active: bool, _name: str) -> None:
    """Only OpenBSD sets one."""
    raise FatalError("setting RDomain not supported on this platform.")


def nothing(line: Line, _options: Options, _active: bool, _name: str) -> None:
    """Once meant something, or does elsewhere: whatever follows is not looked at."""
    line.consume()
