"""Random files of sudoers: lines of every kind, of which some are broken, in files that include each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.sudoers.options import FACILITIES, OPTIONS, PRIORITIES

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

NAMES = (
    "alice",
    "bob",
    "%wheel",
    "%#10",
    "%:ops",
    "%:#5",
    "+admins",
    "#0",
    "#-1",
    "#1000",
    "ALL",
    "root",
    "OPS",
    "WEB",
    '"Dom Users"',
    '"%Dom Users"',
    r"DOM\\joe",
    r"a\ b",
    r"x\x41y",
    "zoë",
    '"+net"',
    "www-data",
    "#4294967295",
)
HOSTS = (
    "ALL",
    "web1",
    "10.0.0.1",
    "10.0.0.0/8",
    "10.0.0.0/255.0.0.0",
    "+hosts",
    "fe80::1",
    "2001:db8::/32",
    "::1",
    "SRV",
    "web*.example.com",
    "1.2.3.250",
    "300.1.1.1",
    "db[1-3]",
)
GROUPS = ("adm", "ALL", "OPS", "#4", "wheel")
COMMANDS = (
    "ALL",
    "/bin/ls",
    "/usr/bin/passwd root",
    '/usr/bin/passwd ""',
    "/usr/local/bin/",
    "sudoedit /etc/hosts",
    "sudoedit",
    "list",
    "CMDS",
    "SHELLS",
    r"/bin/cat /var/log/messages*",
    r"/bin/echo a\,b\:c\=d",
    "/bin/su -",
    r"/opt/a\ b/c",
    "/usr/bin/[a-z]*",
    "^/usr/bin/(id|who)$",
    "^/bin/x$ ^a b$",
    "/bin/kill -9 [0-9]*",
    r"/bin/sh -c echo\ \*",
    "/sbin/*",
    "/bin/tar -cf - .",
    r"/bin/x \!y",
    "/usr/bin/sudoedit /etc/motd",
    "^[a$",
    "/bin/ls ^-l[a-z]$",
    "/bin/a=b",
    "/bin/y == !z",
    "relative",
    r"/bin/q a\b",
)
HEX = "0123456789abcdef"
OPTIONS_OF_COMMANDS = (
    "CWD=/tmp",
    "CWD=~bob",
    "CWD=x",
    "CHROOT=/srv",
    "CHROOT=~root",
    "TIMEOUT=30",
    "TIMEOUT=1d2h3m4s",
    "TIMEOUT=0",
    "TIMEOUT=x",
    "TIMEOUT=5m1h",
    "NOTBEFORE=20200101000000Z",
    "NOTAFTER=2030010100Z",
    "NOTAFTER=203001010000+0130",
    "NOTBEFORE=2020",
    "ROLE=sysadm_r",
    "TYPE=sysadm_t",
    "ROLE=a TYPE=b",
    'CWD="/a b"',
    "TIMEOUT=2H",
    "NOTAFTER=2030010112.5Z",
    "NOTAFTER=20301332000000Z",
)
TAGS = (
    "NOPASSWD:",
    "PASSWD:",
    "NOEXEC:",
    "EXEC:",
    "SETENV:",
    "NOSETENV:",
    "LOG_INPUT:",
    "NOLOG_INPUT:",
    "LOG_OUTPUT:",
    "NOLOG_OUTPUT:",
    "MAIL:",
    "NOMAIL:",
    "FOLLOW:",
    "NOFOLLOW:",
    "INTERCEPT:",
    "NOINTERCEPT:",
    "NOPASSWD :",
)
ALIASES = ("OPS", "WEB", "SRV", "CMDS", "SHELLS", "A1", "B_2", "ALL", "CWD", "TIMEOUT", "lower", "ROLE")
VALUES: dict[str, tuple[str, ...]] = {
    "text": ("root", '"a b"', "x@y", r"a\,b", '"q\\"uote"', '""'),
    "path": ("/var/log/sudo.log", '"/var/log/sudo.log"', "relative", "/"),
    "working path": ("/tmp", "~", "*", "x", "**"),
    "list": ("A", '"A B C"', '" A  B "', "LC_*", '"*=()*"'),
    "whole": ("0", "3", "-1", "+4", "4294967296", "1x", " 5"),
    "number": ("3", "-3", "99999999999", "x"),
    "minutes": ("0", "5", "-1", "+2.5", "2.", ".5", "1.1234567890x", "x", "1.x", "99999999999999999999", "5m"),
    "seconds": ("30", "1h30m", "x", "2d2d", "3s1m"),
    "mode": ("022", "0027", "777", "0778", "1000", "-1", "x"),
    "one of": ("never", "once", "always", "any", "all", "tty", "global", "json", "dso", "x"),
    "facility": (*FACILITIES, "kern"),
    "priority": (*PRIORITIES, "error"),
    "limit": ("5", "infinity", '"5,6"', "user", "x", '"5,"', '"infinity,9"', "default"),
    "flag": ("true",),
}
BREAKING = (
    ",",
    ":",
    "=",
    "(",
    ")",
    "!",
    "!!",
    '"',
    "\\",
    "#",
    "%",
    "+",
    "@",
    "x",
    " ",
    "\t",
    "\r",
    "\n",
    "\\\n",
    "^",
    "$",
    ">",
    "\0",
    "ALL",
    "Defaults",
    "/",
    "::",
    "é",
    "\udcff",
    "-",
    "#include",
    "User_Alias",
)


class Maker:
    """Makes random files."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._lines: tuple[tuple[int, Callable[[], str]], ...] = (
            (6, self._spec),
            (4, self._defaults),
            (3, self._alias),
            (1, self._comment),
            (1, self._include),
        )

    def files(self) -> dict[str, str]:
        """The files of a case by their names beside the main one, ``sudoers``."""
        names = ["sudoers"]
        if self._random.random() < 0.25:
            names += self._random.sample(("a", "sudoers.d/b", "sudoers.d/c", "sudoers.d/d.conf", "sudoers.d/e~"), 3)
        files = {name: self._text() for name in names}
        if self._random.random() < 0.4:
            broken = self._random.choice(names)
            files[broken] = self._broken(files[broken])
        return files

    def _text(self) -> str:
        made = [self._line() for _ in range(self._random.randint(0, 5))]
        text = "".join(f"{line}\n" for line in made)
        if self._random.random() < 0.1:
            text = text.replace("\n", "\r\n")
        return text.rstrip("\n") if self._random.random() < 0.05 else text

    def _broken(self, text: str) -> str:
        for _ in range(self._random.choice((1, 1, 2))):
            at = self._random.randint(0, len(text))
            upto = at + self._random.choice((0, 0, 1, 3))
            text = text[:at] + self._random.choice((*BREAKING, "")) + text[upto:]
        return text

    def _line(self) -> str:
        weights, makers = zip(*self._lines, strict=True)
        [make] = self._random.choices(makers, weights)
        line: str = make()
        if self._random.random() < 0.05:
            line = line.replace(" ", " \\\n  ", 1)
        return line

    def _space(self) -> str:
        return self._random.choice(("", "", " ", "\t", "  "))

    def _several(self, make: Callable[[], str], most: int = 3) -> str:
        comma = f"{self._space()},{self._space()}"
        return comma.join(make() for _ in range(self._random.randint(1, most)))

    def _some(self, words: tuple[str, ...]) -> str:
        sign = self._random.choice(("!", "! ", "!!")) if self._random.random() < 0.1 else ""
        return sign + self._random.choice(words)

    def _users(self) -> str:
        return self._several(lambda: self._some(NAMES))

    def _hosts(self) -> str:
        return self._several(lambda: self._some(HOSTS))

    def _spec(self) -> str:
        grants = [self._privilege() for _ in range(self._random.choice((1, 1, 1, 1, 2, 3)))]
        return f"{self._space()}{self._users()} {' : '.join(grants)}"

    def _privilege(self) -> str:
        return f"{self._hosts()}{self._space()}={self._space()}{self._several(self._command, 4)}"

    def _command(self) -> str:
        runas = self._runas() if self._random.random() < 0.4 else ""
        options = "".join(f"{self._random.choice(OPTIONS_OF_COMMANDS)} " for _ in range(self._few()))
        tags = "".join(f"{self._random.choice(TAGS)}{self._space()}" for _ in range(self._few()))
        return runas + options + tags + self._digested()

    def _few(self) -> int:
        return self._random.choice((0, 0, 0, 0, 1, 1, 2))

    def _runas(self) -> str:
        users = self._users() if self._random.random() < 0.7 else ""
        groups = self._several(lambda: self._some(GROUPS)) if self._random.random() < 0.3 else ""
        colon = ":" if groups or self._random.random() < 0.05 else ""
        return f"({self._space()}{users}{colon}{groups}) "

    def _digested(self) -> str:
        digest = self._several(self._digest, 2) + " " if self._random.random() < 0.06 else ""
        return digest + self._some(COMMANDS)

    def _digest(self) -> str:
        kind, length = self._random.choice((("sha224", 56), ("sha256", 64), ("sha384", 96), ("sha512", 128)))
        length += self._random.choice((0, 0, 0, 0, 1))
        return f"{kind}:{self._space()}" + "".join(self._random.choices(HEX, k=length))

    def _defaults(self) -> str:
        scope = self._random.choice(("", "", "", ":", "@", ">", "!"))
        makers: dict[str, Callable[[], str]] = {
            "": str,
            ":": self._users,
            ">": self._users,
            "@": self._hosts,
            "!": lambda: self._several(lambda: self._some(COMMANDS)),
        }
        return f"Defaults{scope}{makers[scope]()} {self._several(self._setting)}"

    def _setting(self) -> str:
        name = self._random.choice((*OPTIONS, "nosuch", "Upper"))
        form = OPTIONS[name].form if name in OPTIONS else "text"
        bare = self._random.random() < (0.95 if form == "flag" else 0.15)
        if bare:
            return self._random.choice(("", "", "!")) + name
        sign = self._random.choice(("=", "+=", "-=") if form == "list" else ("=", "=", "=", "=", "+="))
        return f"{name}{self._space()}{sign}{self._space()}{self._value(name, form)}"

    def _value(self, name: str, form: str) -> str:
        if name == "sudoers_locale":
            return "C"  # visudo goes on in it
        allowed = OPTIONS[name].values if name in OPTIONS else ()
        if allowed and self._random.random() < 0.8:
            return self._random.choice(allowed)
        return self._random.choice(VALUES[form])

    def _alias(self) -> str:
        kind, members = self._random.choice(
            (
                ("User", self._users),
                ("Runas", self._users),
                ("Host", self._hosts),
                ("Cmnd", lambda: self._several(self._digested)),
                ("Cmd", lambda: self._several(self._digested)),
            )
        )
        one = f"{kind}_Alias {self._random.choice(ALIASES)}{self._space()}={self._space()}{members()}"
        again = f" : {self._random.choice(ALIASES)} = {members()}"
        return one + (again if self._random.random() < 0.2 else "")

    def _comment(self) -> str:
        return self._random.choice(
            ("# comment", "#", "", "   ", "#x \\", "alice ALL=ALL # c", "#-x", "bob ALL = ALL#x")
        )

    def _include(self) -> str:
        sign = self._random.choice(("@", "#"))
        what = self._random.choice(
            (
                "includedir sudoers.d",
                "include a",
                "include nowhere",
                "includedir nowhere.d",
                'include "a"',
                "include a b",
                "include",
                "includedir sudoers.d/",
                "include sudoers.d/b",
                "include a#x",
            )
        )
        return sign + what
