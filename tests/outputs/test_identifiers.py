from __future__ import annotations

from uuid import UUID, uuid5

import pytest

from policyengine.outputs.identifiers import NAMESPACE, identifier


@pytest.mark.parametrize("number", range(40))
def test_they_are_uuids_of_version_5(number: int) -> None:
    assert identifier("thing", f"ü{number}") == str(uuid5(UUID(bytes=NAMESPACE), f"thing\nü{number}"))


def test_what_is_no_text_has_one_too() -> None:
    assert UUID(identifier("thing", "\udcff")).version == 5
