"""The image configuration that stages set, as facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.images.user import named_unprivileged
from policyengine.inputs.dockerfile.directories import below, is_absolute
from policyengine.inputs.dockerfile.stages import Setting
from policyengine.model.kinds.dockerfile import BUILD_CONFIG
from policyengine.model.provenance import Provenance
from policyengine.model.unknown import RESOLVE_IMAGE, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.inputs.dockerfile.stages import Stage
    from policyengine.inputs.facts import Facts
    from policyengine.model.paths import FieldPath

Origin = tuple[Setting, "Stage"]
"""A setting and the stage that sets it."""


def put_own(facts: Facts, stage: Stage) -> None:
    """Give the facts what the stage sets itself."""
    _put(facts, [stage], _single([stage]))


def put_effective(facts: Facts, stage: Stage) -> None:
    """Give the facts what an image built from the stage sets, by the stage and by those it stands on."""
    line = stage.line_of_descent()
    single = _single(line)
    if "workdir" in single:
        setting, origin = single["workdir"]
        single["workdir"] = (Setting(_from_root(setting.value, line[0]), setting.at), origin)
    _put(facts, line, single)
    _put_unknown(facts, line[0])


def inherited(stage: Stage, last: Stage) -> Provenance | None:
    """How a value of ``stage`` comes to the image of ``last``; None for its own."""
    return None if stage is last else Provenance("inherited", f"stage {stage.name}")


def _single(line: Sequence[Stage]) -> dict[str, Origin]:
    """The settings with one value: the last one of each counts."""
    found: dict[str, Origin] = {}
    for stage in line:
        before = found.get("workdir")
        if "entrypoint" in stage.settings:
            # Docker empties an inherited CMD where a stage sets an ENTRYPOINT of its own.
            found.pop("command", None)
        found |= {field: (setting, stage) for field, setting in stage.settings.items()}
        if before and "workdir" in stage.settings:
            own = stage.settings["workdir"]
            found["workdir"] = (Setting(below(before[0].value, own.value), own.at), stage)
    return found


def _from_root(workdir: object, root: Stage) -> object:
    """The working directory, where a relative one begins in that of the external image."""
    if not isinstance(workdir, str) or is_absolute(workdir):
        return workdir
    if root.base == "scratch":
        return below("/", workdir)
    return Unknown("image.workdir", "it is relative to the base image's working directory")


def _put(facts: Facts, line: Sequence[Stage], single: Mapping[str, Origin]) -> None:
    last = line[-1]
    for field, (setting, stage) in single.items():
        facts.put(field, setting.value, setting.at, inherited(stage, last))
    for field in ("environment", "labels"):
        named = _merged(line, field)
        facts.put(field, {name: setting.value for name, (setting, _) in named.items()} or None)
        _place(facts, {(field, name): origin for name, origin in named.items()}, last)
    for field in ("expose", "volumes"):
        _put_list(facts, field, list(_merged(line, field).values()), last)
    # What ONBUILD leaves is done in the stage that stands on it, and not left to the next.
    _put_list(facts, "onbuild", [(setting, last) for setting in last.onbuild.values()], last)


def _put_list(facts: Facts, field: str, found: Sequence[Origin], last: Stage) -> None:
    facts.put(field, [setting.value for setting, _ in found] or None)
    _place(facts, {(field, number): origin for number, origin in enumerate(found)}, last)


def _merged(line: Sequence[Stage], field: str) -> dict[str, Origin]:
    """The items of ``environment``, ``labels``, ``expose`` or ``volumes``: the last one of each name counts."""
    found: dict[str, Origin] = {}
    for stage in line:
        settings: dict[str, Setting] = getattr(stage, field)
        found |= {name: (setting, stage) for name, setting in settings.items()}
    return found


def _place(facts: Facts, items: Mapping[FieldPath, Origin], last: Stage) -> None:
    """Remember where each item of a list or map is written; the field itself stands where its last item does."""
    # The document hides the values of ENV itself; the whole of an instruction must stay readable.
    for path, (setting, stage) in items.items():
        facts.place(path, setting.at, hide=False)
        facts.place(path[:1], setting.at[:2], hide=False)
        how = inherited(stage, last)
        if how is not None:
            facts.how(path, how)
    if items and all(stage is not last for _, stage in items.values()):
        _, stage = list(items.values())[-1]
        facts.how(next(iter(items))[:1], Provenance("inherited", f"stage {stage.name}"))


_OF_BASE = Unknown("image.user", "the base image sets one, by its name", RESOLVE_IMAGE)


def _put_unknown(facts: Facts, root: Stage) -> None:
    """Leave open what nothing sets where the base may turn out to be an earlier stage, or says that it sets a user."""
    if facts["user"] is None and isinstance(root.base, str) and named_unprivileged(root.base):
        facts.put("user", _OF_BASE)
    if root.may_be_earlier_stage:
        for field in BUILD_CONFIG:
            if facts[field] is None:
                facts.put(field, root.base)
