from __future__ import annotations

import codecs

import pytest

from policyengine.documents import load
from policyengine.documents.dockerfile import DockerfileDocument
from policyengine.documents.load import MAX_BYTES, decoded, document, format_of
from policyengine.documents.rules import RulesDocument
from policyengine.documents.yaml import YamlDocument
from policyengine.errors import DocumentError

FORMATS = [
    ("Dockerfile", "dockerfile"),
    ("app/dockerfile", "dockerfile"),
    ("Containerfile", "dockerfile"),
    ("Dockerfile.dev", "dockerfile"),
    ("Dockerfile.v1.2", "dockerfile"),
    ("web.Dockerfile", "dockerfile"),
    ("web.dockerfile.dev", "dockerfile"),
    ("compose.yaml", "yaml"),
    ("compose.YML", "yaml"),
    ("pod.json", "yaml"),
    ("Dockerfile.yaml", "yaml"),
    ("Dockerfile/compose.yml", "yaml"),
    ("Dockerfile.dockerignore", None),
    ("Dockerfile-dev", "dockerfile"),
    ("Containerfile_dev", "dockerfile"),
    ("Containerfile.in", "dockerfile"),
    ("dockerfile-parser", None),
    ("Dockerfile-dev.md", None),
    ("Dockerfile.orig", None),
    ("Containerfile.containerignore", None),
    ("Dockerfile.md", None),
    ("dockerfile.py", None),
    ("Dockerfiles", None),
    ("MyDockerfile", None),
    ("README", None),
    ("-", None),
]


FORMATS += [
    ("etc/iptables/rules.v4", "rules"),
    ("rules.v6", "rules"),
    ("etc/sysconfig/iptables", "rules"),
    ("ip6tables-save", "rules"),
    ("web1.iptables", "rules"),
    ("etc/iptables/iptables.rules", "rules"),
    ("ipset.conf", "rules"),
    ("etc/ufw/ufw.conf", "rules"),
    ("rules.yaml", "yaml"),
    ("iptables.sh", None),
    ("firewall", None),
]


@pytest.mark.parametrize(("path", "expected"), FORMATS)
def test_format_of(path: str, expected: str | None) -> None:
    assert format_of(path) == expected


DOCUMENTS = [
    ("Dockerfile", "FROM a", DockerfileDocument),
    ("compose.yaml", "FROM: a", YamlDocument),
    ("-", "FROM a", DockerfileDocument),
    ("-", "# comment\n\nfrom a", DockerfileDocument),
    ("-", "ARG A=1\nFROM a", DockerfileDocument),
    ("-", "FROM: a", YamlDocument),
    ("-", "FROMAGE a", YamlDocument),
    ("-", "services: {}", YamlDocument),
    ("-", '{"kind": "Pod"}', YamlDocument),
    ("-", "", YamlDocument),
    ("notes", "# FROM a\nb: c", YamlDocument),
    ("rules.v4", "", RulesDocument),
    ("-", "# mine\n*filter\n", RulesDocument),
    ("-", "create blocked hash:ip family inet", RulesDocument),
    ("-", '{"nftables": []}', RulesDocument),
    ("dump.json", ' {"nftables" : [', RulesDocument),
]


@pytest.mark.parametrize(("path", "text", "expected"), DOCUMENTS)
def test_document(path: str, text: str, expected: type) -> None:
    found = document(path, text.encode())
    assert (type(found), found.path, found.text) == (expected, path, text)


ENCODINGS = [
    ("é".encode(), "é"),
    (codecs.BOM_UTF8 + "é".encode(), "é"),
    ("é".encode("utf-16"), "é"),
    (codecs.BOM_UTF16_BE + "é".encode("utf-16-be"), "é"),
    ("é".encode("utf-32"), "é"),
    (codecs.BOM_UTF32_BE + "é".encode("utf-32-be"), "é"),
    (b"", ""),
]


@pytest.mark.parametrize(("data", "expected"), ENCODINGS)
def test_decoded(data: bytes, expected: str) -> None:
    assert decoded("x", data) == expected


@pytest.mark.parametrize("path", ["rules.v4", "other"])
def test_a_dump_of_rules_may_have_any_bytes(path: str) -> None:
    data = b'*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m comment --comment "caf\xe9"\nCOMMIT\n'
    assert decoded(path, data) == data.decode("latin-1").replace("\xe9", "\\xe9")


ERRORS = [
    (b"a\nb\xff", "x:2: not UTF-8 text (save it as UTF-8)"),
    (b"\x7fELF\x02\xe0\x00", "x:1: not UTF-8 text (save it as UTF-8)"),
    (codecs.BOM_UTF16_LE + b"a", "x:1: not UTF-16 text (save it as UTF-8)"),
    ("kind: a".encode("utf-16-le"), "x:1: UTF-16 or UTF-32 text without a byte order mark (save it as UTF-8)"),
    ("kind: a".encode("utf-32-be"), "x:1: UTF-16 or UTF-32 text without a byte order mark (save it as UTF-8)"),
]


@pytest.mark.parametrize(("data", "expected"), ERRORS)
def test_what_is_no_text_is_an_error(data: bytes, expected: str) -> None:
    with pytest.raises(DocumentError) as caught:
        decoded("x", data)
    assert str(caught.value) == expected


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_what_iptables_restore_cannot_read_is_an_error(encoding: str) -> None:
    with pytest.raises(DocumentError) as caught:
        decoded("rules.v4", "# saved\r\n*filter\r\n".encode(encoding))
    assert str(caught.value) == (
        "rules.v4:1: a byte order mark, or text that is not UTF-8: iptables-restore refuses it"
        " (save it as UTF-8 without a byte order mark)"
    )
    assert decoded("nft.json", '{"nftables": ['.encode(encoding)) == '{"nftables": ['


NOT_READ = {
    "# mine\ntable inet filter {\n": (
        "rules in nft's own language: they are not read (give what nft -j list ruleset writes)"
    ),
    "#!/usr/sbin/nft -f\n\nflush ruleset\n\ntable filter {\n": (
        "rules in nft's own language: they are not read (give what nft -j list ruleset writes)"
    ),
    "Name: office\nType: hash:ip\nRevision: 5\n": (
        "sets as ipset list writes them: they are not read (give what ipset save writes)"
    ),
    "# Generated by ebtables-save\n*broute\n:BROUTING ACCEPT\n": (
        "rules of ebtables, which decide about frames: they are not read"
        " (packets are decided by what iptables-save and ip6tables-save write)"
    ),
}


@pytest.mark.parametrize("path", ["x", "rules.v4"])
@pytest.mark.parametrize("text", NOT_READ)
def test_rules_in_a_form_that_is_not_read_say_which_is(path: str, text: str) -> None:
    with pytest.raises(DocumentError) as caught:
        document(path, text.encode())
    assert str(caught.value) == f"{path}:1: {NOT_READ[text]}"


def test_a_file_that_is_too_large_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_BYTES == 64 * 2**20
    monkeypatch.setattr(load, "MAX_BYTES", 2**20)
    assert len(decoded("x", b"a" * 2**20)) == 2**20
    with pytest.raises(DocumentError, match=r"^x: larger than 1 MiB \(exclude it\)$"):
        decoded("x", b"a" * (2**20 + 1))
