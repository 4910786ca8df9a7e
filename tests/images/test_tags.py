"""Which tags are newer: tables, and what holds for all tags, drawn at random."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyengine.images.tags import newer, version

SERVED = """
    latest stable mainline alpine 1 1.27 1.28 1.27.3 1.27.4 1.27.10 1.27.9 1.28.0 1.29.1 2.0.0 v1.27.5 v1.28.0
    1.27.3-alpine 1.27.4-alpine 1.28.0-alpine 1.28.0-alpine3.20 1.27.4-alpine-slim 1.27-alpine 1.28-alpine
    1.28.1-rc1 1.28.0-rc.1 1.28.0-rc.2 1.28.1rc1 1.27.20240101 20240101 20240201 2024.01.15 2024.02.01 2025.01.01
    1.27.3.1 1.27.3.2 1.27.2 1.26.9 0.9.0 12ab34f 1234567 1.27.5_ubuntu 1.27.4_ubuntu 17.0.1.Final 17.0.2.Final
"""
NGINX = SERVED.split()

WITHIN_PATCH = [
    ("1.27.3", "1.27.10 1.27.9 1.27.4"),
    ("1.27.3-alpine", "1.27.4-alpine"),
    ("1.28.0-alpine3.20", ""),
    ("1.27.4_ubuntu", "1.27.5_ubuntu"),
    ("17.0.1.Final", "17.0.2.Final"),
    ("1.27.3.1", "1.27.3.2"),
    ("v1.27.4", "v1.27.5"),
    ("1.27", ""),
    ("1", ""),
    ("2024.01.15", ""),
    ("20240101", ""),
    ("1.28.0-rc.1", ""),
    ("1.27.10", ""),
    ("latest", ""),
    ("alpine", ""),
    ("12ab34f", ""),
    ("1.28.1rc1", ""),
    ("", ""),
]
WITHIN_MINOR = [
    ("1.27.3", "1.29.1 1.28.0 1.27.10 1.27.9 1.27.4"),
    ("1.27.3-alpine", "1.28.0-alpine 1.27.4-alpine"),
    ("1.27", "1.28"),
    ("1.27-alpine", "1.28-alpine"),
    ("v1.27.5", "v1.28.0"),
    ("2024.01.15", "2024.02.01"),
    ("1", ""),
    ("20240101", ""),
    ("1.28.0-rc.1", ""),
    ("1234567", ""),
]


@pytest.mark.parametrize(("tag", "found"), WITHIN_PATCH)
def test_within_patch(tag: str, found: str) -> None:
    assert newer(tag, NGINX, "patch") == found.split()


@pytest.mark.parametrize(("tag", "found"), WITHIN_MINOR)
def test_within_minor(tag: str, found: str) -> None:
    assert newer(tag, NGINX, "minor") == found.split()


@pytest.mark.parametrize("suffix", ["-rc1", "-RC.1", "-beta", "-alpha.2", "-m3", "-b1", "-nightly", "-slim-dev"])
def test_what_comes_before_a_release_has_nothing_newer(suffix: str) -> None:
    assert newer(f"1.0.0{suffix}", [f"1.0.1{suffix}", "1.0.1", "1.0.0"], "minor") == []


@pytest.mark.parametrize("suffix", ["", "-alpine", "-slim-bookworm", "-alpine3.20", "-management", "-4", "-jre"])
def test_what_is_a_release(suffix: str) -> None:
    assert newer(f"1.0.0{suffix}", [f"1.0.1{suffix}"], "patch") == [f"1.0.1{suffix}"]


PREFIXES = st.sampled_from(["", "v", "V", "release-"])
NUMBERS = st.lists(st.one_of(st.integers(0, 3), st.integers(20240101, 20240103)), min_size=1, max_size=4)
SUFFIXES = st.sampled_from(["", "-alpine", "-alpine3.20", "_a", "-rc1", "rc1", ".x", "-slim", "-0"])
TAGS = st.builds(lambda v, numbers, suffix: v + ".".join(map(str, numbers)) + suffix, PREFIXES, NUMBERS, SUFFIXES)
WITHIN = st.sampled_from(["patch", "minor"])


def numbers(tag: str) -> tuple[int, ...]:
    """Worked out in another way than the rule does: the numbers before the first thing that is none."""
    found = []
    for part in tag.removeprefix("v").split("."):
        digits = "".join(char for char in part if char.isdigit()) if part[:1].isdigit() else ""
        lead = part[: len(part) - len(part.lstrip("0123456789"))]
        found += [int(lead)] if lead else []
        if lead != digits or lead != part:
            break
    return tuple(found)


def rest(tag: str) -> str:
    """What is left of a tag without its numbers."""
    return tag.removeprefix("v").removeprefix(".".join(map(str, numbers(tag))))


@given(TAGS, st.lists(TAGS, max_size=30), WITHIN)
def test_never_down_and_the_suffix_is_kept(tag: str, tags: list[str], within: str) -> None:
    kept = {"patch": 2, "minor": 1}[within]
    found = newer(tag, tags, within)  # type: ignore[arg-type]
    for other in found:
        assert other in tags
        assert numbers(other) > numbers(tag)
        assert numbers(other)[:kept] == numbers(tag)[:kept]
        assert len(numbers(other)) == len(numbers(tag))
        assert rest(other) == rest(tag)
        assert other.startswith("v") == tag.startswith("v")
        assert "rc" not in other
    assert [numbers(one) for one in found] == sorted((numbers(one) for one in found), reverse=True)
    assert tag not in found


@given(TAGS, st.lists(TAGS, max_size=8), WITHIN)
def test_it_is_an_order(tag: str, tags: list[str], within: str) -> None:
    every = [tag, *tags]
    after = {one: set(newer(one, every, within)) for one in every}  # type: ignore[arg-type]
    for one, two in permutations(set(every), 2):
        assert not (two in after[one] and one in after[two])
        if two in after[one]:
            assert after[two] <= after[one]  # transitive: what leads on from there, led there at once
    assert newer(tag, tags, within) == newer(tag, reversed(tags), within)  # type: ignore[arg-type]


@given(st.lists(TAGS, min_size=2, max_size=20))
def test_minor_has_all_that_patch_has(tags: list[str]) -> None:
    assert set(newer(tags[0], tags, "patch")) <= set(newer(tags[0], tags, "minor"))


@given(st.text(max_size=40))
def test_any_text_is_a_version_or_none(text: str) -> None:
    found = version(text)
    assert version("9" * 5000) is None
    assert found is None or all(number >= 0 for number in found.numbers)
