"""What well-known commands take that is a secret: options, operands, standard input.

As their manual pages tell: curl(1), mysql(1), sshpass(1), useradd(8), docker-login(1), redis-cli(1), ldapsearch(1),
mongosh(1), twine(1), htpasswd(1), openssl(1), smbclient(1), chpasswd(8), sudo(8) and those of the others.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, get_args

from msgspec import Struct

from policyengine.model.secret_names import names_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Kind = Literal["whole", "drawn", "user", "cookie", "share", "comma", "slash", "header"]
"""Whether a value is a secret as a whole, thought up by people or drawn by lot, or what of it is: ``SEPARATORS``."""

SEPARATORS: dict[Kind, str] = {"user": ":", "cookie": "=", "share": "%", "comma": ",", "slash": "/"}
"""What stands before the secret: of ``bob:...``, of ``session=...``, of ``bob%...``, of ``bob,...``, of ``bob/...``."""


def _option(**words: str) -> Callable[[str], re.Match[str] | None]:
    """What matches an option's word; a group of the name of its kind, and ``rest``, what stands in the same word."""
    kinds = "|".join(f"(?P<{kind}>{word})" for kind, word in words.items())
    return re.compile(rf"(?:{kinds})(?P<rest>.*)", re.DOTALL).fullmatch


_CURL = "-[#0-9fgGiIjJklLMnNOqRsSvZa]*"
_P = "-p=?"
_OPTIONS = {
    "curl": _option(
        user=rf"{_CURL}[uUE]|--(?:(?:proxy-)?(?:user|cert))(?:=|\Z)",
        cookie=rf"{_CURL}b|--cookie(?:=|\Z)",
        header=rf"{_CURL}H|--(?:proxy-)?header(?:=|\Z)",
        whole=r"--oauth2-bearer(?:=|\Z)",
    ),
    "wget": _option(header=r"--header(?:=|\Z)"),
    "login": _option(whole=_P),
    "useradd": _option(whole="-[bDlmMNoOrRUL]*p"),
    "mysql": _option(whole="-p"),
    "redis-cli": _option(whole="-a"),
    "ldap": _option(whole="-w"),
    "-P": _option(whole="-P"),
    "-t": _option(drawn="-t"),
    "http": _option(user=r"-a|--auth(?:=|\Z)"),
    "smb": _option(share=r"-U|--user(?:=|\Z)"),
    "lftp": _option(comma="-u"),
    "etcdctl": _option(user=r"--user(?:=|\Z)"),
    "7z": _option(whole="-(?:p|hp)"),
    "slappasswd": _option(whole="-s"),
    "snmp": _option(whole="-[cAX]"),
}
"""What an option is that takes a secret, and what of that stands in the same word."""

_ASKING = frozenset(("mysql", "7z"))
"""Without a password in the same word they ask for one."""


def _named(takes: str, names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), takes)


_COMMANDS = {
    **_named("curl", "curl"),
    **_named("wget", "wget"),
    **_named("useradd", "useradd usermod adduser"),
    **_named("login", "sshpass mongo mongosh mongodump mongorestore mongoimport twine cqlsh ncftpput ncftpget"),
    **_named("mysql", "mysql mysqladmin mysqldump mysqlimport mysqlshow mysqlcheck"),
    **_named("mysql", "mariadb mariadb-admin mariadb-dump mariadb-import mariadb-check"),
    **_named("redis-cli", "redis-cli valkey-cli"),
    **_named("ldap", "ldapsearch ldapadd ldapmodify ldapdelete ldapwhoami ldappasswd"),
    **_named("-P", "sqlcmd bcp zip unzip ipmitool"),
    **_named("-t", "flyctl fly vercel codecov"),
    **_named("http", "http https xh"),
    **_named("smb", "smbclient rpcclient smbget"),
    **_named("snmp", "snmpget snmpset snmpwalk snmpbulkwalk"),
    **_named("7z", "7z 7za 7zr 7zz rar unrar"),
    **_named("lftp", "lftp"),
    **_named("slappasswd", "slappasswd"),
    **_named("etcdctl", "etcdctl"),
    **_named("", "docker podman nerdctl buildah skopeo helm oras crane regctl az oc cf mkdir"),
}
"""What a command takes, by its name; nothing for those that take a secret only where they log in."""

_OF_SUBCOMMANDS = {
    "openssl enc": _option(whole="-[kK]"),
    "gh secret set": _option(whole=r"-b|--body(?:=|\Z)"),
    "kubectl create secret": _option(cookie=r"--from-literal(?:=(?!user(?:name)?=)|\Z)"),
    "dotnet nuget push": _option(drawn="-k"),
    "dotnet nuget add source": _option(whole=_P),
    "influx setup": _option(whole="-p", drawn="-t"),
    "doctl auth init": _option(drawn="-t"),
    "net ads join": _option(share=r"-U|--user(?:=|\Z)"),
}
"""What only some subcommands take."""


class Operand(Struct, frozen=True):
    """The operand of a command that is a secret: which it is after the last option, and what options take a value."""

    number: int
    kind: Kind = "whole"
    valued: str = ""


_OPERANDS = {
    "openssl passwd": Operand(1, valued="-(?:salt|in|rand|writerand|table)"),
    "mc alias set": Operand(4, valued="--api|--path"),
    "mc config host add": Operand(4, valued="--api"),
    "vault login": Operand(1, "drawn", valued="-(?:method|path|address|namespace|format|field)"),
    "vault operator unseal": Operand(1, "drawn", valued="-(?:address|namespace|format)"),
    "rabbitmqctl add_user": Operand(2),
    "rabbitmqctl change_password": Operand(2),
    "rabbitmqctl authenticate_user": Operand(2),
    "redis-cli auth": Operand(1),
    "redis-cli AUTH": Operand(1),
    "poetry config http-basic.": Operand(2),
    "poetry config pypi-token.": Operand(1, "drawn"),
    "composer config http-basic.": Operand(2),
    "composer config github-oauth.": Operand(1, "drawn"),
    "composer config gitlab-token.": Operand(1, "drawn"),
    "composer config bearer.": Operand(1, "drawn"),
    "bundle config": Operand(2, "user"),
    "bundle config set": Operand(2, "user"),
    "cargo login": Operand(1, "drawn", valued="--registry"),
    "snyk auth": Operand(1, "drawn"),
    "ngrok authtoken": Operand(1, "drawn"),
    "ngrok config add-authtoken": Operand(1, "drawn"),
    "nuget setapikey": Operand(1, "drawn"),
    "nuget setApiKey": Operand(1, "drawn"),
    "wpa_passphrase": Operand(2),
    "nmcli password": Operand(1),
    "sqlplus": Operand(1, "slash"),
    "ansible-vault encrypt_string": Operand(1, valued="--(?:vault-id|vault-password-file|name|encrypt-vault-id)|-n"),
}
"""By the command and its subcommands. ``x.`` stands for every word that begins so."""

_OF_PAIRS = frozenset(("vault kv put", "vault kv patch"))
"""Commands of which every ``NAME=value`` is a secret, whatever its name."""

_OF_STDIN = {
    "chpasswd": _option(user=""),
    **dict.fromkeys(
        ("passwd", "kinit", "cryptsetup", "docker secret create", "podman secret create"), _option(whole="")
    ),
    "vncpasswd": _option(whole=r"-f\Z"),
    "smbpasswd": _option(whole="-[a-z]*s"),
    "sudo": _option(whole=r"-[a-zA-Z]*S|--stdin\Z"),
    **dict.fromkeys(("gpg", "gpg2"), _option(whole=r"--passphrase-fd(?:=|\Z)")),
    "htpasswd": _option(whole="-[a-zA-Z]*i"),
    "openssl passwd": _option(whole=r"-stdin\Z"),
    "gh auth login": _option(whole=r"--with-token\Z"),
    "glab auth login": _option(whole=r"--stdin\Z"),
    **dict.fromkeys(
        ("docker", "podman", "nerdctl", "buildah", "skopeo", "helm", "oras", "crane", "regctl"),
        _option(whole=r"--password-stdin\Z"),
    ),
}
"""What reads a secret from its standard input, and the option that makes it do so; nothing where it always does."""

_AMBIGUOUS = frozenset(("passwd",))
"""Commands that are called as files and words are, too: they are meant only where a command begins."""
_WRAPPERS = frozenset(("sudo", "env", "exec", "command", "chroot", "busybox", "time", "doas", "if", "then", "do", "!"))


def _begun() -> Iterator[str]:
    for path in (*_OPERANDS, *_OF_SUBCOMMANDS, *_OF_PAIRS, *_OF_STDIN, "htpasswd"):
        words = path.split()
        yield from (" ".join(words[:number]) for number in range(1, len(words) + 1))


_PATHS = frozenset(_begun())
"""Commands and subcommands that are told apart, and what they begin with."""


class Taken(Struct, frozen=True):
    """The secret of an option or a command: its kind, where in the word it begins, and whether it is another word:

    the next, or, where some operands stand before it, the one after them.
    """

    kind: Kind
    at: int
    is_next: bool
    skipping: int = 0


class Command:
    """A command whose words are told one after the other. ``reads`` is the kind of secret that its input is.

    ``by_name`` says that an option whose name names a secret takes one whatever the command is.
    """

    def __init__(self, *, by_name: bool = True) -> None:
        self._by_name = by_name
        self._takes: str | None = None
        self._path = ""
        self._flags = ""
        self._is_begun = False
        self.reads: Kind | None = None

    def takes(self, word: str) -> Taken | None:
        """Whether a word is one after which a secret follows, or an option that holds one."""
        if word.startswith("-"):
            self._reads(word)
            return self._option(word)
        name = word.rpartition("/")[2]
        if name in _COMMANDS:
            self._takes = _COMMANDS[name]
        elif name == "login" and self._takes == "":
            self._takes = "login"
        found = self._pair(word) or self._followed(word, name)
        self._is_begun = self._is_begun or not (name in _WRAPPERS or "=" in word)
        return found

    def _pair(self, word: str) -> Taken | None:
        return Taken("cookie", 0, False) if self._path in _OF_PAIRS and "=" in word else None

    def _followed(self, word: str, name: str) -> Taken | None:
        """Whether a word is the last of a command and its subcommands."""
        path = self._extended(word, name)
        if path is None or (path in _AMBIGUOUS and self._is_begun):
            return None
        self._path, self._flags = path, ""
        self._reads("")
        return self._operand(word)

    def _extended(self, word: str, name: str) -> str | None:
        paths = (f"{self._path} {word}", f"{self._path} {word.partition('.')[0]}.", name)
        return next((path for path in paths if path in _PATHS), None)

    def _reads(self, word: str) -> None:
        found = _OF_STDIN[self._path](word) if self._path in _OF_STDIN else None
        if found:
            self.reads = _kind(found)

    def _option(self, word: str) -> Taken | None:
        found = self._matched(word)
        if found is None:
            is_named = self._by_name and _IS_OPTION(word) and names_secret(word)
            return Taken("whole", len(word), True) if is_named else self._operand(word)
        if _PORT(found["rest"]):
            return None
        return Taken(_kind(found), found.start("rest"), not found["rest"] and self._takes not in _ASKING)

    def _matched(self, word: str) -> re.Match[str] | None:
        found = _OF_SUBCOMMANDS[self._path](word) if self._path in _OF_SUBCOMMANDS else None
        return found or (_OPTIONS[self._takes](word) if self._takes in _OPTIONS else None)

    def _operand(self, word: str) -> Taken | None:
        """The operand that is a secret, after the last option or subcommand."""
        if self._path == "htpasswd":
            return self._of_htpasswd(word)
        operand = _OPERANDS.get(self._path)
        if operand is None:
            return None
        valued = bool(operand.valued and re.fullmatch(operand.valued, word))
        return Taken(operand.kind, len(word), True, operand.number - 1 + valued)

    def _of_htpasswd(self, word: str) -> Taken | None:
        """Of ``htpasswd -b FILE USER PASSWORD`` and ``htpasswd -nb USER PASSWORD``."""
        self._flags += word if word.startswith("-") else ""
        if "b" not in self._flags:
            return None
        return Taken("whole", len(word), True, 2 - ("n" in self._flags) + word.endswith(("C", "r")))


def _kind(found: re.Match[str]) -> Kind:
    return next(kind for kind in _KINDS if found.groupdict().get(kind) is not None)


_KINDS: tuple[Kind, ...] = get_args(Kind)
_IS_OPTION = re.compile(r"--?[A-Za-z][\w.-]*").fullmatch
_PORT = re.compile(r"[0-9.]*:[0-9.:-]+(?:/\w+)?").fullmatch
"""``-p8080:80`` publishes a port, also of a container that is called mysql."""
