"""Policies as text for tests: a good one, whose sections a test replaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MARK = "▸"
"""Stands in a text right before the character that an error should point at."""

_SECTIONS = {
    "version": "version: 1",
    "id": "id: sample",
    "title": "title: Containers do not run privileged",
    "category": "category: runtime",
    "severity": "severity: high",
    "controls": "",
    "why": "why: Because.",
    "target": "target: container",
    "parameters": "",
    "where": "",
    "require": "require:\n  privileged: {allowed: [false]}",
    "assert": "",
    "message": "",
    "examples": (
        "examples:\n"
        "  pass:\n"
        "    - compose: |\n"
        "        services: {web: {image: nginx}}\n"
        "  fail:\n"
        "    - compose: |\n"
        "        services: {web: {image: nginx, privileged: true}}"
    ),
}


def policy(more: str = "", **sections: str) -> str:
    """The text of a policy with some sections replaced (``assert`` is written ``assert_``), and more at its end."""
    replaced = {name.rstrip("_"): text for name, text in sections.items()}
    unknown = replaced.keys() - _SECTIONS.keys()
    assert not unknown, unknown
    texts = [*({**_SECTIONS, **replaced}).values(), more]
    return "".join(f"{text}\n" for text in texts if text)


def without(section: str) -> str:
    """The text of a policy without a section."""
    return policy(**{section: ""})


def marked(text: str) -> tuple[str, list[tuple[int, int]]]:
    """A text without its marks, and the line and column of each."""
    places = []
    while MARK in text:
        before, _, after = text.partition(MARK)
        places.append((before.count("\n") + 1, len(before) - before.rfind("\n")))
        text = before + after
    return text, places


def written(directory: Path, text: str, name: str = "sample") -> Path:
    """A policy file with a text."""
    path = directory / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
