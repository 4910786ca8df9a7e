"""What a policy says to mend a violation: values of the model's fields that are set, added and removed.

::

    remediate:
      safety: safe                            # or unsafe
      set: {privileged: false}                # ports[].host_ip: of those items that violate
      add: {cap_drop: [ALL]}                  # items that a list is to have
      remove: [network_mode, "cap_add[]"]     # a value, or those items of a list that violate
      image: {pin: running}                   # the image to run instead: image_strategy.py

A fix is ``safe`` where a container that does nothing the policy forbids runs as before; any other is ``unsafe``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

from msgspec import Struct, field

from policyengine.policy.check import value_issues
from policyengine.policy.image_strategy import ImageStrategy, strategy_from, strategy_issues
from policyengine.policy.issues import DataPath, Issue
from policyengine.policy.parameters import specimen, spoken_type, substituted
from policyengine.policy.selectors import SelectorError, parse, selected_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.model.types import Kind, Type
    from policyengine.policy.parameters import Parameter
    from policyengine.policy.selectors import Step

Safety = Literal["safe", "unsafe"]

WAYS = ("set", "add", "remove", "image")


class Remediation(Struct, frozen=True):
    """What mends a violation, by field path; and the image to run instead."""

    safety: Safety
    set: Mapping[str, object] = field(default_factory=dict)
    add: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    remove: tuple[str, ...] = ()
    image: ImageStrategy | None = None

    @property
    def changes_fields(self) -> bool:
        """Whether it changes fields, not only the image."""
        return bool(self.set or self.add or self.remove)


def remediation_from(data: Mapping[str, Any] | None) -> Remediation | None:
    """The ``remediate`` of a policy file, which was checked."""
    if data is None:
        return None
    add = {path: tuple(items) for path, items in (data.get("add") or {}).items()}
    return Remediation(
        cast("Safety", data["safety"]),
        dict(data.get("set") or {}),
        add,
        tuple(data.get("remove") or ()),
        strategy_from(data.get("image")),
    )


def remediation_issues(
    data: Mapping[str, Any], targets: Sequence[Kind], parameters: Mapping[str, Parameter]
) -> Iterator[Issue]:
    """What is wrong with the ``remediate`` of a policy whose shape is right."""
    given = data.get("remediate")
    if given is None:
        return
    if not any(given.get(way) for way in WAYS):
        yield Issue(("remediate",), "it changes nothing", "give it set, add, remove or image", at_key=True)
    defaults = {name: specimen(declared) for name, declared in parameters.items()}
    for path, written in (given.get("set") or {}).items():
        value = substituted(written, defaults)
        at: DataPath = ("remediate", "set", path)
        yield from _path_issues(at, path, targets, at_key=True)
        for type_ in _types(path, targets):
            yield from value_issues(value, type_, at)
    for path, items in (given.get("add") or {}).items():
        at = ("remediate", "add", path)
        yield from _path_issues(at, path, targets, at_key=True)
        for type_ in _types(path, targets):
            yield from _added_issues(items, type_, at)
    for index, path in enumerate(given.get("remove") or ()):
        yield from _path_issues(("remediate", "remove", index), path, targets)
    if given.get("image"):
        yield from strategy_issues(given["image"], ("remediate", "image"), targets)


def _added_issues(items: Sequence[object], type_: Type, at: DataPath) -> Iterator[Issue]:
    if type_.name != "list" or type_.items is None:
        hint = "set gives a field a value"
        yield Issue(at, f"add is for lists, and this is {spoken_type(type_)}", hint, at_key=True)
        return
    for index, item in enumerate(items):
        yield from value_issues(item, type_.items, (*at, index))


def _path_issues(at: DataPath, text: str, targets: Sequence[Kind], *, at_key: bool = False) -> Iterator[Issue]:
    try:
        steps = parse(text)
        for kind in _having(steps, targets):
            selected_type(steps, kind)
    except SelectorError as error:
        yield Issue(at, error.message, error.hint, at_key=at_key, offset=error.offset)
        return
    if any(step.kind in ("any", "values") for step in steps):
        yield Issue(at, 'what is changed is a value: a.b, a[].b or a["key"]', at_key=at_key)


def _types(text: str, targets: Sequence[Kind]) -> Iterator[Type]:
    """The types of what a path selects; none where it is wrong, which is told elsewhere."""
    try:
        steps = parse(text)
        yield from [selected_type(steps, kind) for kind in _having(steps, targets)]
    except SelectorError:
        return


def _having(steps: tuple[Step, ...], targets: Sequence[Kind]) -> Sequence[Kind]:
    return [kind for kind in targets if steps[0].name in kind.fields] or targets[:1]
