from __future__ import annotations

from policyengine.model.unknown import OpenList

from .dockerfile_reading import at, of_kind


def test_the_programs_in_the_order_of_their_first_calls() -> None:
    text = "FROM a\nRUN wget b\nRUN wget c && \\\n  curl d\nFROM e\nRUN curl f\nHEALTHCHECK CMD wget g\nFROM h"
    stages = of_kind("stage", text)
    assert [stage.facts.get("downloaders") for stage in stages] == [["wget", "curl"], ["curl"], None]
    assert [at(stages[0].where(("downloaders", number))) for number in (0, 1)] == ["2:5-9", "4:3-7"]
    assert at(stages[0].where(("downloaders",))) == "4:3-7"


def test_a_shell_that_is_not_read_may_call_others() -> None:
    (stage,) = of_kind("stage", 'FROM a\nRUN curl b\nSHELL ["cmd"]\nRUN curl c')
    found = stage.facts["downloaders"]
    assert isinstance(found, OpenList)
    assert (list(found), found.unknown.fact) == (["curl"], "commands")
