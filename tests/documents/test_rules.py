"""Dumps of a firewall's rules: their comments, and what these can speak of."""

from __future__ import annotations

from policyengine.documents.rules import RulesDocument

TEXT = """\
# made by hand
*filter
:INPUT DROP [12:720]
[3:180] -A INPUT -i lo -j ACCEPT
  # indented
-A INPUT -m comment --comment "a # b" -j DROP # c

COMMIT
create office hash:ip
"""


def test_comments_are_lines_of_their_own() -> None:
    document = RulesDocument("rules.v4", TEXT)
    assert [tuple(comment) for comment in document.comments()] == [
        (1, 1, " made by hand", True),
        (5, 3, " indented", True),
    ]
    assert [tuple(comment) for comment in document.seeming_comments()] == [(6, 47, " c", False)]


def test_tables_and_lines_are_called_by_their_text_without_counters() -> None:
    entries = [(entry.path[1:], entry.span.line, entry.span.end_line) for entry in RulesDocument("a", TEXT).entries()]
    assert entries == [
        (("*filter",), 2, 8),
        (("*filter", ":INPUT DROP"), 3, 3),
        (("*filter", "-A INPUT -i lo -j ACCEPT"), 4, 4),
        (("*filter", '-A INPUT -m comment --comment "a # b" -j DROP # c'), 6, 6),
        (("*filter", "COMMIT"), 8, 8),
        (("*filter", "create office hash:ip"), 9, 9),
    ]
