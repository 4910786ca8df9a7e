"""Where programs are told not to ask whom they talk to: switches, settings and variables that turn the verification of

certificates off.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.images.calls import exported, program, read, replaced
from policyengine.images.managers import manager_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from policyengine.images.calls import Call

_FALSE = frozenset(("0", "false", "no", "off"))
_LOCAL = re.compile(r"(?:https?://)?(?:localhost|127(?:\.\d+){3}|\[::1\])(?:[:/].*)?", re.IGNORECASE).fullmatch
_PIP = re.compile(r"pip[0-9.]*").fullmatch

_CURL_LONG = (
    "output data data-binary data-raw data-urlencode header user user-agent request proxy cacert capath cert key url "
    "connect-timeout max-time retry retry-delay retry-max-time form form-string upload-file referer cookie cookie-jar "
    "write-out range resolve interface config max-redirs proto proto-redir proto-default ciphers output-dir"
)
_WGET_LONG = (
    "output-file append-output execute input-file base tries output-document timeout wait quota directory-prefix "
    "user-agent level accept reject header post-data post-file method body-data user password ca-certificate "
    "ca-directory certificate private-key progress domains cut-dirs load-cookies save-cookies referer"
)
CURL_VALUED = frozenset((*"AbcCdDeEFhHKmoPQrTtuUwxXyYz", *_CURL_LONG.split()))
WGET_VALUED = frozenset((*"aoeiBtOTwQPUlADRIX", *_WGET_LONG.split()))
"""Options of curl and wget with a value."""


class Unverified(Struct, frozen=True):
    """Who is told, and how: an option, a setting or a variable; ``arg`` is the number of the argument, if it is one."""

    tool: str
    how: str
    arg: int | None = None


def _pip_host(value: str) -> bool:
    return any(not _LOCAL(host) for host in value.replace(",", " ").split())


_VARIABLES: Mapping[str, tuple[str, Callable[[str], bool]]] = {
    # git only looks whether it is set: https://git-scm.com/docs/git#Documentation/git.txt-GITSSLNOVERIFY
    "GIT_SSL_NO_VERIFY": ("git", lambda _value: True),
    "NODE_TLS_REJECT_UNAUTHORIZED": ("node", lambda value: value == "0"),
    "NPM_CONFIG_STRICT_SSL": ("node", lambda value: value.lower() in _FALSE),
    "YARN_STRICT_SSL": ("node", lambda value: value.lower() in _FALSE),
    "YARN_ENABLE_STRICT_SSL": ("node", lambda value: value.lower() in _FALSE),
    "PIP_TRUSTED_HOST": ("pip", _pip_host),
    "PYTHONHTTPSVERIFY": ("pip", lambda value: value == "0"),
    "UV_INSECURE_HOST": ("pip", _pip_host),
}
"""By variable, whom it tells, and with which values. npm takes its own in lower case, too."""


def by_variable(name: str, value: str | None) -> Unverified | None:
    """What a variable turns off; ``value`` is None where it is not known, or where there is none."""
    tool, off = _VARIABLES.get(name.upper() if name.lower().startswith("npm_") else name, ("", None))
    if off is None or not off(value or ""):
        return None
    return Unverified(tool, name)


def by_calls(calls: Sequence[Call], known: Mapping[str, str]) -> Iterator[tuple[int, Unverified]]:
    """What the calls of a step turn off, with the number of the call."""
    around: tuple[tuple[str, str | None], ...] = ()
    for at, call in enumerate(calls):
        # What a command runs is told the variables of the command around it, too.
        told = around if call.through else ()
        for name, value in call.variables:
            if (name, value) not in told and (found := by_variable(name, value)):
                yield at, found
        around = call.variables if not call.through else around
        for name, value, arg in exported(call):
            if found := by_variable(name, value):
                yield at, Unverified(found.tool, found.how, arg)
        yield from ((at, found) for found in _by_arguments(call, known))


def _by_arguments(call: Call, known: Mapping[str, str]) -> Iterator[Unverified]:
    name, args, skipped = program(call)
    reader = _READERS.get("pip" if _PIP(name) else name)
    if reader is not None:
        for found in reader(args, known):
            yield Unverified(found.tool, found.how, None if found.arg is None else found.arg + skipped)


def _curl(args: Sequence[str], known: Mapping[str, str]) -> Iterator[Unverified]:
    arguments = read(replaced(args, known), CURL_VALUED)
    if arguments.operands and all(_LOCAL(arg.text) for arg in arguments.operands):
        return
    for option in arguments.options:
        if option.name in ("k", "insecure", "proxy-insecure", "doh-insecure"):
            yield Unverified("curl", _spelt(option.name), option.at)


def _wget(args: Sequence[str], known: Mapping[str, str]) -> Iterator[Unverified]:
    arguments = read(replaced(args, known), WGET_VALUED)
    if arguments.operands and all(_LOCAL(arg.text) for arg in arguments.operands):
        return
    for option in arguments.options:
        setting = (option.value or "").replace(" ", "").replace("-", "_").lower()
        executed = option.name in ("e", "execute") and setting in ("check_certificate=off", "check_certificate=0")
        if option.name == "no-check-certificate" or executed:
            yield Unverified("wget", _spelt(option.name), option.at)


def _spelt(name: str) -> str:
    return f"--{name}" if len(name) > 1 else f"-{name}"


def _pip(args: Sequence[str], known: Mapping[str, str]) -> Iterator[Unverified]:
    manager = manager_of("pip")
    arguments = read(replaced(args, known), manager.valued if manager else frozenset())
    for option in arguments.options:
        if option.name == "trusted-host" and _pip_host(option.value or "?"):
            yield Unverified("pip", "--trusted-host", option.at)
    words = [arg.text for arg in arguments.operands]
    if words[:2] == ["config", "set"] and words[2:3] and words[2].endswith("trusted-host") and _pip_host(words[-1]):
        yield Unverified("pip", "trusted-host", arguments.operands[2].at)


def _uv(args: Sequence[str], known: Mapping[str, str]) -> Iterator[Unverified]:
    for option in read(replaced(args, known), frozenset(("allow-insecure-host", "trusted-host"))).options:
        if option.name in ("allow-insecure-host", "trusted-host") and _pip_host(option.value or "?"):
            yield Unverified("pip", _spelt(option.name), option.at)


def _conda(args: Sequence[str], known: Mapping[str, str]) -> Iterator[Unverified]:
    texts = [arg.text for arg in replaced(args, known)]
    at = texts.index("ssl_verify") if texts[:1] == ["config"] and "ssl_verify" in texts[:-1] else None
    if at is not None and texts[at + 1].lower() in _FALSE:
        yield Unverified("pip", "ssl_verify", at)


def _node(args: Sequence[str], known: Mapping[str, str]) -> Iterator[Unverified]:
    manager = manager_of("npm")
    arguments = read(replaced(args, known), manager.valued if manager else frozenset())
    for option in arguments.options:
        if option.name == "no-strict-ssl" or (option.name == "strict-ssl" and (option.value or "").lower() in _FALSE):
            yield Unverified("node", _spelt(option.name), option.at)
    words = [arg for arg in arguments.operands if arg.text not in ("config", "c")]
    if len(words) > 1 and words[0].text == "set":
        name, equals, value = words[1].text.partition("=")
        said = value if equals else words[2].text if len(words) > 2 else ""
        if name.rpartition(":")[2] in ("strict-ssl", "enableStrictSsl") and said.lower() in _FALSE:
            yield Unverified("node", name, words[1].at)


def _git(args: Sequence[str], known: Mapping[str, str]) -> Iterator[Unverified]:
    found = replaced(args, known)
    for arg, following in zip(found, [*found[1:], None], strict=True):
        name, equals, value = arg.text.partition("=")
        lowered = name.lower()
        if lowered.startswith("http.") and lowered.endswith(".sslverify"):
            said = value if equals else following.text if following else ""
            if said.lower() in _FALSE:
                yield Unverified("git", "http.sslVerify", arg.at)


def _yum(args: Sequence[str], known: Mapping[str, str]) -> Iterator[Unverified]:
    manager = manager_of("yum")
    for option in read(replaced(args, known), manager.valued if manager else frozenset()).options:
        name, _, value = (option.value or "").partition("=")
        named = option.name == "setopt" and name.strip().lower().rpartition(".")[2] == "sslverify"
        if named and value.strip(" '\"").lower() in _FALSE:
            yield Unverified("yum", "sslverify", option.at)


_READERS: Mapping[str, Callable[[Sequence[str], Mapping[str, str]], Iterator[Unverified]]] = {
    "curl": _curl,
    "wget": _wget,
    "pip": _pip,
    "uv": _uv,
    **dict.fromkeys(("conda", "mamba", "micromamba"), _conda),
    **dict.fromkeys(("npm", "yarn", "pnpm", "yarnpkg"), _node),
    "git": _git,
    **dict.fromkeys(("yum", "dnf", "dnf5", "microdnf", "tdnf", "yum-config-manager", "dnf-config-manager"), _yum),
}

VARIABLES = frozenset(_VARIABLES)
"""The variables that may turn the verification off."""

TOOLS = ("curl", "git", "node", "pip", "wget", "yum")
"""Who may be told."""
