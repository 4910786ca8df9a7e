"""Tar archives of every format, whole and broken, as the standard library and as Go read them."""

from __future__ import annotations

import io
import tarfile
import tracemalloc
from random import Random

import pytest

from policyengine.authentication.files import Entry
from policyengine.authentication.layers.tar import MOST_EXTENDED, MalformedTarError, Member, Members
from tests.authentication.layers.tars import (
    END,
    M,
    archive,
    device,
    directory,
    hard_link,
    header,
    padded,
    symlink,
)

LONG = "long/" * 50 + "name"
FORMATS = {"pax": tarfile.PAX_FORMAT, "gnu": tarfile.GNU_FORMAT, "ustar": tarfile.USTAR_FORMAT}


def members(data: bytes) -> list[Member]:
    return list(Members(io.BytesIO(data)))


@pytest.mark.parametrize("format_", FORMATS)
def test_members_of_every_kind_and_format(format_: str) -> None:
    written = [
        directory("etc/", 0o1755),
        M("etc/passwd", "root:x:0:0\n", mode=0o4640, uid=7, gid=42),
        M("etc/empty"),
        symlink("etc/mtab", "../proc/mounts"),
        hard_link("etc/passwd-", "etc/passwd"),
        device("dev/null"),
        M("pipe", type=tarfile.FIFOTYPE),
    ]
    data = archive(*written, format=FORMATS[format_])
    found = members(data)
    assert [(one.name.rstrip("/"), one.entry, one.link) for one in found] == [
        ("etc", Entry("directory", 0o1755, 0, 0), None),
        ("etc/passwd", Entry("file", 0o4640, 7, 42, 11), None),
        ("etc/empty", Entry("file", 0o644, 0, 0, 0), None),
        ("etc/mtab", Entry("symlink", 0o777, 0, 0, 0, "../proc/mounts"), None),
        ("etc/passwd-", Entry("file", 0o644, 0, 0, 0), "etc/passwd"),
        ("dev/null", Entry("special", 0o644, 0, 0), None),
        ("pipe", Entry("special", 0o644, 0, 0), None),
    ]
    assert data[found[1].at : found[1].at + 11] == b"root:x:0:0\n"


@pytest.mark.parametrize("format_", ["pax", "gnu"])
def test_long_names_large_numbers_and_other_letters(format_: str) -> None:
    written = [M(LONG, "x", uid=2**31, gid=3_000_000), symlink("l", LONG), M("caf\u00e9", "y"), M("\udcff", "z")]
    found = members(archive(*written, format=FORMATS[format_]))
    assert [(one.name, one.entry.uid, one.entry.gid, one.entry.target) for one in found] == [
        (LONG, 2**31, 3_000_000, ""),
        ("l", 0, 0, LONG),
        ("caf\u00e9", 0, 0, ""),
        ("\udcff", 0, 0, ""),
    ]


def test_random_archives_are_read_as_the_standard_library_reads_them() -> None:
    draw = Random(8)
    for _ in range(200):
        written = [_drawn(draw, number) for number in range(draw.randrange(12))]
        data = archive(*written, format=draw.choice(list(FORMATS.values())[:2]))
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            expected = [(one.name, one.mode, one.uid, one.gid, one.size, one.linkname) for one in tar]
        assert [
            (
                one.name.rstrip("/"),
                one.entry.mode,
                one.entry.uid,
                one.entry.gid,
                one.entry.size,
                one.link or one.entry.target,
            )
            for one in members(data)
        ] == expected


def _drawn(draw: Random, number: int) -> M:
    name = "/".join(draw.choice(("a", "b" * 60, "\u00e9", "c" * 101)) for _ in range(draw.randrange(1, 4))) + str(
        number
    )
    kind = draw.choice((tarfile.REGTYPE, tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE))
    link = draw.choice(("x", "y" * 120)) if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
    text = "t" * draw.choice((0, 1, 511, 512, 513, 2000)) if kind == tarfile.REGTYPE else ""
    return M(name, text, kind, link, draw.randrange(0o10000), draw.choice((0, 1000, 2**22)), draw.randrange(100))


def record(key: str, value: str) -> bytes:
    body = f" {key}={value}\n".encode()
    length = len(body) + 1
    while len(str(length)) + len(body) != length:
        length += 1
    return str(length).encode() + body


def extended(data: bytes, type_: bytes = b"x") -> bytes:
    return header(b"ext", type_, size=b"%011o\0" % len(data)) + padded(data)


FILE = header(b"f", size=b"00000000001\0") + padded(b"x")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"no archive", "the tar archive breaks off in a header"),
        (b"x" * 512, "no tar archive, or a damaged one: the checksum of a header is wrong"),
        (bytes(512) + FILE + END, "an empty header in a tar archive"),
        (FILE[:-512], "the tar archive breaks off in a file"),
        (FILE[:-100], "the tar archive breaks off in a file"),
        (
            header(b"f", size=b"\x80" + b"\xff" * 11) + END,
            "a tar archive with a file of 309485009821345068724781055 bytes",
        ),
        (header(b"f", size=b"77777777777\0") + END, "the tar archive breaks off in a file"),
        (header(b"f", size=b"\xff" * 12) + END, "a tar header with a negative number"),
        (header(b"f", size=b"0000000009x\0") + END, "a tar header with a number that is none"),
        (header(b"f", b"S") + END, "a tar archive with members of the unknown type b'S'"),
        (header(b"f", b"V") + END, "a tar archive with members of the unknown type b'V'"),
        (
            header(b"f", b"x", size=b"%011o\0" % (MOST_EXTENDED + 1)),
            "a tar header of 1048577 bytes: none is longer than",
        ),
        (header(b"f", b"L", size=b"77777777777\0"), "a tar header of 8589934591 bytes: none is longer than 1048576"),
        (header(b"f", b"x", size=b"00000001000\0") + b"5 a=b", "the tar archive breaks off in a header"),
        (extended(b"99 path=x\n") + FILE + END, "a tar archive with a malformed extended header"),
        (extended(b"-5 path=x\n") + FILE + END, "a tar archive with a malformed extended header"),
        (extended(record("size", "-1")) + FILE + END, "a tar header with a number that is none"),
        (extended(record("uid", "1e9")) + FILE + END, "a tar header with a number that is none"),
        (extended(record("path", "a\0b")) + FILE + END, "a tar archive with NUL in a name"),
        (extended(record("GNU.sparse.major", "1")) + FILE + END, "a tar archive with sparse files, which no image has"),
    ],
)
def test_what_is_no_archive_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(MalformedTarError) as raised:
        members(data)
    assert raised.value.message.startswith(message)


def test_extended_headers_count_for_one_member() -> None:
    data = extended(record("path", "long") + record("uid", "5")) + FILE + FILE + END
    assert [(one.name, one.entry.uid) for one in members(data)] == [("long", 5), ("f", 0)]


def test_what_is_said_of_all_members_is_ignored_as_engines_do() -> None:
    data = extended(record("path", "all"), b"g") + FILE + END
    assert [one.name for one in members(data)] == ["f"]


@pytest.mark.parametrize(("end", "expected"), [(END, True), (b"", False), (END[:512], True)])
def test_an_archive_tells_its_end(end: bytes, expected: bool) -> None:
    found = Members(io.BytesIO(FILE + end))
    assert [one.name for one in found] == ["f"]
    assert found.ended is expected


def test_a_header_that_tells_of_much_takes_no_memory() -> None:
    data = header(b"f", size=b"\x80\0\0\0\0\0\0\x7f" + b"\xff" * 4)
    tracemalloc.start()
    with pytest.raises(MalformedTarError):
        members(data + END)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 20
