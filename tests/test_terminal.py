"""What is known of terminals."""

from __future__ import annotations

import os

import pytest

from policyengine import terminal

KNOWN: dict[str, tuple[dict[str, str], bool]] = {
    "nothing is known": ({}, False),
    "xterm": ({"TERM": "xterm-256color"}, False),
    "kitty": ({"TERM": "xterm-kitty"}, True),
    "kitty by its window": ({"KITTY_WINDOW_ID": "1"}, True),
    "alacritty": ({"TERM": "alacritty"}, True),
    "Windows Terminal": ({"WT_SESSION": "7fcb"}, True),
    "konsole": ({"KONSOLE_VERSION": "230801"}, True),
    "iTerm2": ({"TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.4.19"}, True),
    "an old iTerm2": ({"TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.0.15"}, False),
    "WezTerm": ({"TERM_PROGRAM": "WezTerm", "TERM_PROGRAM_VERSION": "20240203-110809-5046fc22"}, True),
    "VS Code": ({"TERM_PROGRAM": "vscode", "TERM_PROGRAM_VERSION": "1.96.2"}, True),
    "an old VS Code": ({"TERM_PROGRAM": "vscode", "TERM_PROGRAM_VERSION": "1.71.0"}, False),
    "Apple's Terminal": ({"TERM_PROGRAM": "Apple_Terminal", "TERM_PROGRAM_VERSION": "455"}, False),
    "GNOME Terminal": ({"VTE_VERSION": "7600"}, True),
    "the one that crashes": ({"VTE_VERSION": "5000"}, False),
    "an old GNOME Terminal": ({"VTE_VERSION": "4205"}, False),
    "in CI": ({"VTE_VERSION": "7600", "CI": "true"}, False),
    "a dumb one": ({"VTE_VERSION": "7600", "TERM": "dumb"}, False),
    "forced": ({"FORCE_HYPERLINK": "1", "CI": "true"}, True),
    "forbidden": ({"FORCE_HYPERLINK": "0", "VTE_VERSION": "7600"}, False),
}


@pytest.mark.parametrize("name", KNOWN)
def test_links(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    environ, wanted = KNOWN[name]
    monkeypatch.setattr(os, "environ", environ)
    monkeypatch.setattr(terminal, "is_terminal", lambda: True)
    assert terminal.links(coloured=True) is wanted


def test_no_links_without_colours_or_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {"VTE_VERSION": "7600"})
    monkeypatch.setattr(terminal, "is_terminal", lambda: False)
    assert not terminal.links(coloured=True)
    monkeypatch.setattr(terminal, "is_terminal", lambda: True)
    assert not terminal.links(coloured=False)
