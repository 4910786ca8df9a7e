"""Random configurations of sshd, most of them accepted: every keyword, Match, Include, quotes, lists, mistakes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from policyengine.authentication.sshd.keywords import Keyword, keywords

if TYPE_CHECKING:
    from random import Random

    from policyengine.authentication.sshd.build import Build

MAIN = "/etc/ssh/sshd_config"
USERS = ("root", "alice", "bob", "carol", "mallory")
GROUPS = ("root", "users", "wheel", "staff", "sftp-only", "carol", "nogroup")
ADDRESSES = ("10.0.0.1", "10.1.2.3", "192.168.7.9", "127.0.0.1", "203.0.113.5", "2001:db8::1", "::1", "fe80::1:2")
HOSTS = ("web.example.com", "db.Example.COM", "10.0.0.1", "localhost")
NETWORKS = ("10.0.0.0/8", "192.168.0.0/16", "2001:db8::/32", "10.1.2.3", "127.1", "0x7f.1", "::1", "203.0.113.0/24")
PATTERNS = ("10.*", "192.168.?.*", "*", "2001:*", "web.*", "*.example.com", "host?")

FLAGS = ("yes", "no", "Yes", "NO")
TIMES = ("0", "30", "1m", "1h30m", "2w", "5M", "90s", "+7", "1d2h3m4s", " 5")
CIPHERS = (
    "aes128-ctr",
    "aes256-ctr",
    "aes128-cbc",
    "3des-cbc",
    "chacha20-poly1305@openssh.com",
    "aes256-gcm@openssh.com",
)
MACS = (
    "hmac-sha2-256",
    "hmac-sha1",
    "umac-64@openssh.com",
    "hmac-md5-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
)
KEX = ("curve25519-sha256", "ecdh-sha2-nistp256", "diffie-hellman-group14-sha1", "sntrup761x25519-sha512@openssh.com")
KEYS = ("ssh-ed25519", "rsa-sha2-512", "ssh-rsa", "ecdsa-sha2-nistp256-cert-v01@openssh.com", "ssh-dss", "RSA", "ssh-*")
PATHS = ("/etc/issue", "none", "None", "issue", "~/x", "~alice/y", "~bob//z", '"/etc/iss ue"', "/a\\ b", "~")
CLASSES = ("af21", "CS1", "lowdelay", "throughput", "none", "0x10", "010", "8", "ef", "255")
SIZES = ("1G", "512M", "default", "16", "0", "1.5k", "100K")

VALUES: dict[str, tuple[str, ...]] = {
    "port": ("22", "2222", "ssh", "www", "65535"),
    "listenaddress": ("0.0.0.0", "::", "127.0.0.1:2222", "[::1]:22", "10.1", "2001:db8::1", "[10.0.0.1]", "[fe80::2]"),
    "addressfamily": ("any", "inet", "inet6", "ANY"),
    "hostkey": ("/etc/ssh/ssh_host_ed25519_key",),
    "hostkeyagent": ("SSH_AUTH_SOCK", "/run/agent", "none"),
    "loglevel": ("INFO", "verbose", "QUIET", "SILENT", "DEBUG", "DEBUG1", "debug3", "FATAL"),
    "syslogfacility": ("AUTH", "authpriv", "LOCAL7", "DAEMON", "user"),
    "permitrootlogin": ("yes", "no", "prohibit-password", "without-password", "forced-commands-only", "YES"),
    "ignorerhosts": (*FLAGS, "shosts-only"),
    "compression": ("yes", "no", "delayed"),
    "gatewayports": (*FLAGS, "clientspecified"),
    "permittunnel": ("yes", "no", "ethernet", "point-to-point"),
    "permituserenvironment": ("yes", "no", "LANG,LC_*", "YES"),
    "maxstartups": ("10", "10:30:60", "5:100:5", "3x", "1:1:1:1", " 7", "10:50:100"),
    "persourcenetblocksize": ("32:128", "24:64", "0:0", "24:48x"),
    "persourcemaxstartups": ("none", "5", "2147483647", "0"),
    "streamlocalbindmask": ("0177", "000", "777", "022x", "+7"),
    "fingerprinthash": ("md5", "SHA256", "sha384", "SHA1"),
    "authenticationmethods": ("any", "publickey", "password", "publickey,password", "keyboard-interactive:pam", "none"),
    "pubkeyauthoptions": ("none", "touch-required", "verify-required", "Touch-Required verify-required"),
    "securitykeyprovider": ("internal", "INTERNAL", "/usr/lib/sk.so", "none"),
    "acceptenv": ("LANG", "LC_*", "A B C", "FOO"),
    "setenv": ("A=1", "B=2 C=3", '"D=x y"', "A=4 A=5", "E="),
    "subsystem": ("sftp internal-sftp", "sftp /usr/lib/sftp-server -l INFO", "scp /bin/scp", 'x "/a b" c'),
    "channeltimeout": ("none", "session=5m", "*=0 agent-connection=1h", "NONE"),
    "unusedconnectiontimeout": ("none", "0", "5m", "None"),
    "permitopen": ("any", "none", "host:22", "a:1 b:2", "[::1]:80", "*:*", "localhost:www", "host:*"),
    "permitlisten": ("any", "none", "8080", "*", "localhost:8080", "8080 [::]:81", "ssh"),
    "forcecommand": ("none", "internal-sftp", "/bin/echo 'a b' # c", '"/bin/sh" -c "x"', "NONE"),
    "chrootdirectory": ("none", "/srv/%u", "None", "~/x"),
    "authorizedkeysfile": (".ssh/authorized_keys", "none", "/etc/keys/%u .ssh/k", "~/k"),
    "authorizedprincipalsfile": ("none", "/etc/p/%u", "~/p", "%h/p"),
    "authorizedkeyscommand": ("none", "/usr/bin/keys %u", "/bin/x"),
    "authorizedprincipalscommand": ("none", "/usr/bin/principals %u", "/bin/y"),
    "authorizedkeyscommanduser": ("nobody", "root"),
    "authorizedprincipalscommanduser": ("nobody", "root"),
    "versionaddendum": ("none", "Hello there", '"quoted text"', "x # y", "NONE"),
    "logverbose": ("none", "auth.c:*", "kex.c:*:1000,*:foo sshd.c:*"),
    "requiredrsasize": ("1024", "2048", "4096"),
    "gssapikexalgorithms": ("gss-group14-sha256-", "gss-gex-sha1-,gss-curve25519-sha256-"),
    "ipqos": tuple(f"{one} {other}" for one in CLASSES[:4] for other in CLASSES) + CLASSES,
}
LISTS = {
    "ciphers": CIPHERS,
    "macs": MACS,
    "kexalgorithms": KEX,
    "hostkeyalgorithms": KEYS,
    "hostbasedacceptedalgorithms": KEYS,
    "pubkeyacceptedalgorithms": KEYS,
    "casignaturealgorithms": KEYS,
}
NAMES = {"allowusers": USERS, "denyusers": USERS, "allowgroups": GROUPS, "denygroups": GROUPS}
TIMED = ("logingracetime", "clientaliveinterval")
NUMBERED = ("x11displayoffset", "maxauthtries", "maxsessions", "clientalivecountmax", "requiredrsasize")
PLACES = ("banner", "pidfile", "modulifile", "xauthlocation", "revokedkeys", "trustedusercakeys", "hostcertificate")
UNMISTAKEN = ("listenaddress", "hostkey")
"""A host name is looked up, and without a key sshd does not start: neither is a matter of what is written."""

CRITERIA = {
    "user": (*USERS, "al*", "*", "?ob"),
    "group": (*GROUPS, "w*", "*"),
    "host": (*HOSTS, *PATTERNS),
}
MISTAKES = (
    "",
    "maybe",
    '"open',
    "'x",
    "-1",
    "99999999999",
    "yes no",
    "~nobody/x",
    "a,,b",
    "!x",
    "10.0.0.1/8",
    "x=",
    "[::1",
    "\\",
)


@dataclass(frozen=True)
class Case:
    """Files below /etc/ssh, and the connections that are asked about."""

    files: dict[str, str]
    connections: tuple[str | None, ...]


@dataclass
class Maker:
    """Makes cases out of a seed."""

    random: Random
    build: Build
    mistakes: float = 0.004
    files: dict[str, str] = field(default_factory=dict)

    def case(self) -> Case:
        """One configuration, with three connections."""
        self.files = {}
        self.random.random()
        text = self.text(0)
        self.files[MAIN] = text
        connections = [self.connection() for _ in range(self.random.choice((1, 2)))]
        ported = any("localport" in one.lower() for one in self.files.values())
        return Case(
            self.files, (*connections, None) if not ported and self.random.random() < 0.3 else tuple(connections)
        )

    def connection(self) -> str:
        """What ``sshd -C`` takes: any part may be missing but the port, which sshd wants wherever a Match names one."""
        parts = {
            "user": self.random.choice(USERS),
            "host": self.random.choice(HOSTS),
            "addr": self.random.choice(ADDRESSES),
            "laddr": self.random.choice(ADDRESSES),
        }
        some = [f"{name}={value}" for name, value in parts.items() if self.random.random() < 0.85]
        return ",".join((*some, f"lport={self.random.choice(('22', '2222', '80'))}"))

    def text(self, depth: int) -> str:
        """A file: lines for all, then blocks."""
        lines = [self.line(matched=depth > 0 and self.random.random() < 0.7) for _ in range(self.random.randrange(9))]
        for _ in range(self.random.choice((0, 0, 1, 1, 2, 3))):
            lines.append(self.match())
            lines += [self.line(matched=True) for _ in range(self.random.randrange(5))]
        if self.random.random() < 0.35:
            lines.insert(self.random.randrange(len(lines) + 1), self.include(depth))
        end = self.random.choice(("\n", "\n", "\n", "\r\n", "\n\n", " \n"))
        return end.join(lines) + self.random.choice(("", end))

    def line(self, *, matched: bool) -> str:
        """A directive, or a line that says nothing."""
        if self.random.random() < 0.05:
            return self.random.choice(("", "# PermitRootLogin yes", "   ", "\t# x", "\f"))
        known = [one for one in self.known.items() if one[1].option not in ("match", "include", "rdomain")]
        allowed = [one for one in known if one[1].in_match or not matched or self.random.random() < self.mistakes / 4]
        name, keyword = self.random.choice(allowed or known)
        return self.spelt(name, keyword, self.value(keyword))

    @property
    def known(self) -> dict[str, Keyword]:
        """The keywords of the build."""
        return keywords(self.build)

    def spelt(self, name: str, keyword: Keyword, value: str) -> str:
        """A directive as people write them, and as they do not."""
        if self.random.random() < self.mistakes:
            name = self.random.choice((name + "x", "", name + " " + name, f'"{name}'))
        word = self.random.choice((name, keyword.spelling, name.upper(), f'"{keyword.spelling}"'))
        between = self.random.choice(
            (" ", " ", " ", "\t", "=", " = ", "  ", " =", "= ") if not word.startswith('"') else (" ", "\t", "")
        )
        after = self.random.choice(("", "", "", "", "  ", "\t", " # note", "\f"))
        before = self.random.choice(("", "", "", " ", "\t", "  \t"))
        return f"{before}{word}{between}{value}{after}"

    def value(self, keyword: Keyword) -> str:
        """A value of an option, quoted now and then."""
        if self.random.random() < self.mistakes and keyword.option not in UNMISTAKEN:
            return self.random.choice(MISTAKES)
        value = self._value(keyword)
        if self.random.random() < 0.05 and not set(value) & set("\"'\\ "):
            quote = self.random.choice("\"'")
            return f"{quote}{value}{quote}"
        return value

    def _value(self, keyword: Keyword) -> str:
        option = keyword.option
        if keyword.standing != "in use":
            return self.random.choice(("yes", "no", "a b c", "2", "sandbox"))
        if option in LISTS:
            return self.algorithms(LISTS[option])
        if option in NAMES:
            return " ".join(self.name(NAMES[option], option) for _ in range(self.random.randrange(1, 4)))
        return self.random.choice(self._choices(option))

    def _choices(self, option: str) -> tuple[str, ...]:
        if option in VALUES:
            return VALUES[option]
        if option == "rekeylimit":
            return tuple(f"{size}{time}" for size in SIZES for time in ("", "", " none", " 1h", " 30"))
        if option in TIMED:
            return TIMES
        if option in NUMBERED:
            return ("0", "1", "3", "10", "+4", " 6", "2147483647")
        if option in PLACES:
            return PATHS
        return (
            ("yes", "no", "all", "local", "remote") if option.startswith("allow") and "agent" not in option else FLAGS
        )

    def algorithms(self, names: tuple[str, ...]) -> str:
        """A list of algorithms, with a sign or without."""
        some = ",".join(self.random.sample(names, self.random.randrange(1, 3)))
        sign = self.random.choice(("", "", "+", "-", "^"))
        if sign == "-" and self.random.random() < 0.5:
            some = self.random.choice(("*sha1*", "aes*,umac-64*", "*", "*nistp*,!ecdh-sha2-nistp256", ""))
        return sign + some + ("," if self.random.random() < 0.03 else "")

    def name(self, names: tuple[str, ...], option: str) -> str:
        """A pattern of a user or a group."""
        name = self.random.choice((*names, "*", "al*", "?ob", "!bob"))
        if "users" in option and self.random.random() < 0.3:
            name += "@" + self.random.choice((*NETWORKS, *PATTERNS, "10.0.0.0/8,192.168.0.0/16", "!10.0.0.1,*"))
        return name

    def match(self) -> str:
        """A Match line."""
        if self.random.random() < 0.12:
            return self.random.choice(("Match all", "match ALL", "Match all # everyone", "Match\tAll"))
        criteria = " ".join(self.criterion() for _ in range(self.random.choice((1, 1, 1, 2, 3))))
        if self.random.random() < self.mistakes * 2:
            criteria = self.random.choice(
                (criteria + " all", "User", "all User bob", "Nobody x", '"', "User bob,", "#")
            )
        return (
            f"{self.random.choice(('Match', 'match', ' Match'))}{self.random.choice((' ', ' ', '=', '  '))}{criteria}"
        )

    def criterion(self) -> str:
        """One criterion and its argument."""
        name = self.random.choice(("User", "Group", "Host", "Address", "LocalAddress", "LocalPort", "user", "GROUP"))
        argument = self.patterns(CRITERIA.get(name.lower(), (*NETWORKS, *PATTERNS, *ADDRESSES)))
        if name == "LocalPort":
            argument = self.random.choice(("22", "2222", "80", "ssh", "http"))
        return f"{name}{self.random.choice((' ', ' ', ' ', '=', ' = '))}{argument}"

    def patterns(self, names: tuple[str, ...]) -> str:
        """A list of patterns, some negated."""
        some = self.random.sample(names, self.random.choice((1, 1, 2, 3)))
        listed = ",".join(("!" if self.random.random() < 0.15 else "") + one for one in some)
        return f'"{listed}"' if self.random.random() < 0.08 else listed

    def include(self, depth: int) -> str:
        """An Include of files that are made, of none, or of a glob."""
        if depth >= 3:
            return "Include /etc/ssh/nothing*.conf"
        directory = ("/etc/ssh/sshd_config.d", "/etc/ssh/sub dir", "/etc/ssh/d2")[depth]
        for _ in range(self.random.randrange(4)):
            name = self.random.choice(("10-a", "20-b", "9-c", "B", "a", ".hidden", "é", "x[1]"))
            path = f"{directory}/{name}{self.random.choice(('.conf', '.conf', '.inc', ''))}"
            if path not in self.files:
                self.files[path] = ""  # is not made twice
                self.files[path] = self.text(depth + 1)
        self.odd(directory)
        patterns = ("*.conf", "*", "[0-9]*", "*-[!a].conf", "?.conf", "10-a.conf", "x\\[1].conf", "[[:alpha:]]*")
        quoted = f'"{directory}/{self.random.choice(patterns)}"'
        relative = quoted.replace("/etc/ssh/", "")
        several = self.random.choice((1, 1, 2))
        return f"Include {' '.join(self.random.choice((quoted, quoted, relative)) for _ in range(several))}"

    def odd(self, directory: str) -> None:
        """Something other than a file, seldom."""
        if self.random.random() < 0.1:
            self.files.setdefault(
                f"{directory}/30-link.conf", self.random.choice(("-> 10-a.conf", "-> /etc/ssh/d2/a.conf", "-> loop"))
            )
        if self.random.random() < 0.03:
            self.files.setdefault(f"{directory}/40-directory.conf", "/")
