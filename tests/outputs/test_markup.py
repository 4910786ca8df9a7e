from __future__ import annotations

import pytest

from policyengine.outputs.markup import code, prose


@pytest.mark.parametrize(
    "text",
    [
        "web publishes 8080 on every interface",
        "memory is a list, not a number",
        "the image's user (read-only, and/or none): 1.5 of 512!",
        "ein Gerät — größer",
        "= 5",
    ],
)
def test_plain_words_stay(text: str) -> None:
    assert prose(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("the image nginx:1.25 decides", "the image `nginx:1.25` decides"),
        ("use ghcr.io/acme/app.", "use `ghcr.io/acme/app`."),
        ("(see @octocat)", "(see `@octocat`)"),
        ("commit deadbeef, and 1234567", "commit `deadbeef`, and `1234567`"),
        ("GH-1 closes #2", "`GH-1` closes `#2`"),
        (":tada: a:b", "`:tada`: `a:b`"),
        ("www.example.com www", "`www.example.com` `www`"),
        ("feedbacks", "feedbacks"),
        ("*a* _b_ <c>", "`*a*` `_b_` `<c>`"),
        ("- + #", "`-` `+` `#`"),
        ("a  b", "a b"),
        ("", ""),
    ],
)
def test_other_words_are_code(text: str, shown: str) -> None:
    assert prose(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a", "`a`"),
        ("a`b", "``a`b``"),
        ("`a`", "`` `a` ``"),
        ("a``b`c", "```a``b`c```"),
        (" a ", "`  a  `"),
        (" ", "` `"),
        ("", ""),
        ("a|b", r"`a`\|`b`"),
        ("|", r"\|"),
        ("a\nb", r"`a\nb`"),
    ],
)
def test_code(text: str, shown: str) -> None:
    assert code(text) == shown
