from __future__ import annotations

import pytest

from policyengine.documents.scalars import resolve
from policyengine.inputs.compose import sizes

SIZE = "a size such as 512m or 1.5gb"
CORES = "a number of cores such as 0.5"
PROCESSES = "a number of processes"


def outcome(read: object, written: object) -> object:
    assert callable(read)
    try:
        return read(written)
    except ValueError as error:
        return str(error)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1048576", 1048576),
        ("512m", 512 * 2**20),
        ("512M", 512 * 2**20),
        ("512mb", 512 * 2**20),
        ("512 MiB", 512 * 2**20),
        ("1g", 2**30),
        ("1.5gb", 3 * 2**29),
        (".5g", 2**29),
        ("1.g", 2**30),
        (".g", SIZE),
        ("100k", 100 * 1024),
        ("100kb", 100 * 1024),
        ("100b", 100),
        ("2t", 2**41),
        ("1p", 2**50),
        ("0", None),
        ("0g", None),
        ("1e3", 1000),
        ("-1", SIZE),
        ("", SIZE),
        ("lots", SIZE),
        ("5x", SIZE),
        ("1,5g", SIZE),
        (".inf", SIZE),
        (".nan", SIZE),
        ("true", SIZE),
        ("9" * 30 + "g", SIZE),
    ],
)
def test_memory(written: str, expected: object) -> None:
    assert outcome(sizes.memory, resolve(written)) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("0.5", 0.5), (".5", 0.5), ("2", 2), ("1.50", 1.5), ("0", None), ("0.0", None), ("-1", CORES), ("half", CORES),
        (".nan", CORES), (".inf", CORES), ("false", CORES), ("", CORES),
    ],
)  # fmt: skip
def test_cpus(written: str, expected: object) -> None:
    assert outcome(sizes.cpus, resolve(written)) == expected


def test_cpus_may_be_a_string() -> None:
    assert sizes.cpus("0.25") == sizes.cpus(".25") == 0.25
    assert outcome(sizes.cpus, ".") == CORES
    assert sizes.cpus("0") is None
    assert outcome(sizes.cpus, []) == CORES


@pytest.mark.parametrize(
    ("written", "expected"),
    [("100", 100), ("0", None), ("-1", None), ("1.5", PROCESSES), ("many", PROCESSES), ("true", PROCESSES)],
)
def test_pids(written: str, expected: object) -> None:
    assert outcome(sizes.pids, resolve(written)) == expected
    assert outcome(sizes.pids, written) == expected
