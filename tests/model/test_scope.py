from __future__ import annotations

import pytest

from policyengine.model.scope import Scope


@pytest.mark.parametrize(
    ("scope", "text"),
    [
        (Scope("compose", "shop"), "compose:shop"),
        (Scope("kubernetes", "default", "manifests"), "kubernetes:default"),
        (Scope("docker", ""), "docker"),
    ],
)
def test_scopes_as_reports_show_them(scope: Scope, text: str) -> None:
    assert str(scope) == text


def test_resources_see_each_other_only_within_kind_name_and_source() -> None:
    scope = Scope("compose", "shop", "a/compose.yaml")
    others = [
        Scope("kubernetes", "shop", "a/compose.yaml"),
        Scope("compose", "blog", "a/compose.yaml"),
        Scope("compose", "shop", "b/compose.yaml"),
    ]
    assert len({scope.key, *(other.key for other in others)}) == 4
    assert Scope("compose", "shop", "a/compose.yaml", frozenset({"network"})).key == scope.key
