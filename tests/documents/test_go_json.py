"""What docker 20.10 does with its config.json, as ``docker logout`` and ``docker context`` show it."""

from __future__ import annotations

import pytest

from policyengine.documents import go_json


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ('{"auths": {"a": 1}}', {"a": ("auths", 1)}),
        ('{"AUTHS": {"a": 1}}', {"a": ("AUTHS", 1)}),
        ('{"auths": {"a": 1, "b": 1}, "auths": {"b": 2}}', {"a": ("auths", 1), "b": ("auths", 2)}),
        ('{"auths": {"a": 1}, "Auths": {"b": 2}, "auths": null}', {"a": ("auths", 1), "b": ("Auths", 2)}),
        ('{"x": {"auths": {"a": 1}}}', {}),
        ('{"auths": 7}', {}),
        ("[]", {}),
        ('[{"auths": {"a": 1}}]', {}),
    ],
)
def test_entries(text: str, entries: object) -> None:
    _, pairs = go_json.decoded(text)
    assert go_json.entries(pairs, "auths") == entries


def test_the_last_text_of_a_field_counts() -> None:
    _, pairs = go_json.decoded('{"credsStore": "a", "CREDSSTORE": "b", "credsstore": null, "creds-store": "c"}')
    assert go_json.string(pairs, "credsStore") == ("CREDSSTORE", "b")
    assert go_json.string(pairs, "auth") is None
