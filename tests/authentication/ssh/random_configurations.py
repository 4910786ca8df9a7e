"""Random configurations of ssh: hosts and matches, includes, quotes, good and bad values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

FLAG = ("yes", "no", "true", "FALSE", "maybe")
CIPHERS = ("aes256-ctr", "aes128-ctr,aes256-gcm@openssh.com", "+3des-cbc", "-aes*", "^aes256-ctr", "rot13", "-x,y")
MACS = ("hmac-sha2-256", "hmac-sha2-512,hmac-sha2-256", "-hmac-sha1*", "+hmac-md5", "blah")
KEX = ("curve25519-sha256", "-*sha1", "^ecdh-sha2-nistp256", "+diffie-hellman-group14-sha1", "non-valid-256", ",,")
KEYS = ("ssh-ed25519", "rsa-sha2-*", "-ssh-rsa", "+ssh-rsa", "nonesuch")
TIMES = ("0", "30", "5m", "1h30m", "none", "-1", "x", "")
NUMBERS = ("0", "1", "3", "10000", "-1", "abc", "2147483648")

VALUES: dict[str, tuple[str, ...]] = {
    "ForwardAgent": (*FLAG, "/run/agent", "$SSH_AUTH_SOCK"),
    "ForwardX11": FLAG,
    "ForwardX11Trusted": FLAG,
    "ForwardX11Timeout": TIMES,
    "PasswordAuthentication": FLAG,
    "ChallengeResponseAuthentication": FLAG,
    "KbdInteractiveAuthentication": FLAG,
    "PubkeyAuthentication": ("yes", "no", "unbound", "host-bound", "false", "sometimes"),
    "HostbasedAuthentication": FLAG,
    "GSSAPIAuthentication": FLAG,
    "GSSAPIDelegateCredentials": FLAG,
    "HashKnownHosts": FLAG,
    "StrictHostKeyChecking": ("yes", "no", "ask", "off", "accept-new", "ACCEPT-NEW", "never"),
    "VerifyHostKeyDNS": ("yes", "no", "ask", "perhaps"),
    "UpdateHostKeys": ("yes", "no", "ask"),
    "CheckHostIP": FLAG,
    "Tunnel": ("yes", "no", "ethernet", "point-to-point", "tap"),
    "ControlMaster": ("yes", "no", "ask", "auto", "autoask"),
    "BatchMode": FLAG,
    "Compression": ("yes", "no", "true"),
    "PermitLocalCommand": FLAG,
    "IdentitiesOnly": FLAG,
    "EnableSSHKeysign": FLAG,
    "NoHostAuthenticationForLocalhost": FLAG,
    "TCPKeepAlive": FLAG,
    "KeepAlive": FLAG,
    "VisualHostKey": FLAG,
    "Ciphers": CIPHERS,
    "MACs": MACS,
    "KexAlgorithms": KEX,
    "HostKeyAlgorithms": KEYS,
    "PubkeyAcceptedKeyTypes": KEYS,
    "HostbasedAcceptedAlgorithms": KEYS,
    "CASignatureAlgorithms": ("ssh-ed25519", "rsa-sha2-512,ssh-ed25519", "-rsa*", "bad"),
    "RekeyLimit": ("1G 1h", "512M", "default none", "default 30m", "15", "1X", "2G 2h 3h", "1G x", "0 0"),
    "ServerAliveInterval": TIMES,
    "ServerAliveCountMax": NUMBERS,
    "ConnectTimeout": TIMES,
    "ConnectionAttempts": NUMBERS,
    "NumberOfPasswordPrompts": NUMBERS,
    "RequiredRSASize": NUMBERS,
    "LogLevel": ("INFO", "quiet", "DEBUG1", "VERBOSE", "LOUD"),
    "AddressFamily": ("any", "inet", "inet6", "inet4"),
    "FingerprintHash": ("md5", "SHA256", "crc"),
    "SendEnv": ("LANG LC_*", "-LC_*", "A B C", "A=B", "-*", '""'),
    "GlobalKnownHostsFile": ("/etc/a", "/etc/a /etc/b", "none", "none /etc/a", "/etc/a none"),
    "UserKnownHostsFile": ("/etc/k", "none", "/etc/k /etc/l"),
    "RevokedHostKeys": ("/etc/revoked", "none"),
    "AddKeysToAgent": ("yes", "no", "ask", "confirm", "confirm 5m", "10m", "yes 5m", "often"),
    "RequestTTY": ("yes", "no", "force", "auto", "x"),
    "SessionType": ("none", "subsystem", "default", "x"),
    "CanonicalizeFallbackLocal": FLAG,
    "HostKeyAlias": ("alias", '"a b"', "'x'"),
    "PreferredAuthentications": ("publickey,password", "none"),
    "HostName": ("real.example.org", "%h.example.net"),
    "User": ("alice", "bob"),
    "Protocol": ("2", "2,1"),
    "Cipher": ("3des",),
    "RhostsRSAAuthentication": ("no",),
    "IgnoreUnknown": ("UseKeychain", "foo*"),
    "UseKeychain": ("yes",),
    "FooBar": ("1",),
}
BLOCKS = (
    "Host *",
    "Host web.example.org",
    "Host *.example.org !bad.example.org",
    "Host web* db?",
    "Host !web.example.org *",
    'Host "web.example.org"',
    "Match all",
    "Match host *.example.org",
    "Match host real.example.org",
    "Match originalhost db1",
    "Match user root",
    "Match user alice",
    "Match !user alice",
    "Match localuser root",
    "Match localuser nobody,r*",
    "Match final",
    "Match canonical",
    "Match !final host web*",
    "Match final all",
    "Match canonical host *.example.org",
    "Match host web* user root",
    'Match host="web.example.org"',
    "Match host",
    "Match all host x",
    "Match nonsense x",
    "Match",
)
HOSTS = ("web.example.org", "bad.example.org", "db1", "localhost", "real.example.org")
PLACES = ("ssh_config.d/a.conf", "ssh_config.d/b.conf", "more", "deep/x.conf")
INCLUDES = (
    "ssh_config.d/*.conf",
    "/etc/ssh/more",
    "more deep/*",
    "deep/x.conf",
    "nothing/*",
    "~/x",
    "/etc/ssh/ssh_config.d/[ab].conf",
)


@dataclass(frozen=True)
class Case:
    """Files, and the hosts that are asked about."""

    files: dict[str, str]
    hosts: tuple[str, ...]


def case(random: Random) -> Case:
    """One configuration, mostly one that ssh accepts."""
    files = {"/etc/ssh/ssh_config": _text(random, random.randint(1, 12), includes=0.15)}
    for place in PLACES:
        if random.random() < 0.5:
            files[f"/etc/ssh/{place}"] = _text(random, random.randint(0, 5), includes=0.05)
    return Case(files, tuple(random.sample(HOSTS, 2)))


def _text(random: Random, lines: int, includes: float) -> str:
    return "".join(_line(random, includes) for _ in range(lines))


def _line(random: Random, includes: float) -> str:
    chance = random.random()
    if chance < includes:
        return f"Include {random.choice(INCLUDES if random.random() < 0.3 else INCLUDES[:4])}\n"
    if chance < includes + 0.2:
        return f"{random.choice(BLOCKS if random.random() < 0.2 else BLOCKS[:-4])}\n"
    if chance < includes + 0.25:
        return random.choice(("\n", "# Port 22\n", "   \n", "\t# x\n"))
    name = random.choice([*VALUES])
    values = VALUES[name]
    good = values[: max(1, len(values) // 2)]
    value = random.choice(values if random.random() < 0.1 else good)
    name = random.choice((name, name, name.lower(), name.upper()))
    between = random.choice((" ", " ", "\t", "=", " = ", "  "))
    value = f'"{value}"' if " " not in value and '"' not in value and random.random() < 0.1 else value
    after = random.choice(("", "", "", " ", " # comment", "\r"))
    return f"{random.choice(('', '', '  ', chr(9)))}{name}{between}{value}{after}\n"
