"""Whether a file's data have the shape that a Cerberus schema describes, told in the words of who wrote the file.

A rule of the schema may carry ``meta: {"words": "a text, or a list of texts"}``: what its value should be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from policyengine.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DataPath = tuple[str | int, ...]
"""Keys and indexes from a file's data down to one value."""


class Misfit(Struct, frozen=True):
    """One thing that is wrong at a path; ``at_key`` points at the key instead of the value."""

    path: DataPath
    message: str
    hint: str | None = None
    at_key: bool = False


def misfits(data: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Misfit]:
    """Everything that does not fit, in no particular order."""
    from cerberus import TypeDefinition, Validator

    integers = TypeDefinition("integer", (int,), (bool,))  # to Cerberus true is an integer, too
    types = {**Validator.types_mapping, "integer": integers}
    validator = type("Strict", (Validator,), {"types_mapping": types})(schema)
    if not validator.validate(data, normalize=False):
        yield from _told(validator.errors, (), data, {"schema": schema})


def _told(errors: Mapping[Any, list[Any]], path: DataPath, data: Any, rules: Mapping[str, Any]) -> Iterator[Misfit]:
    for key, messages in errors.items():
        at, inner = (*path, key), _rules(rules, key)
        value = data[key] if isinstance(data, list) or key in data else None
        for message in messages:
            if not isinstance(message, dict):
                yield _misfit(message, at, value, rules, inner)
            elif not any(str(name).startswith(("anyof definition", "oneof definition")) for name in message):
                yield from _told(message, at, value, inner)


def _rules(rules: Mapping[str, Any], key: str | int) -> Mapping[str, Any]:
    """The rules of the value at a key or an index, given those of what is around it."""
    below: Mapping[Any, Any] = rules.get("schema", {})
    if isinstance(key, int):
        return below
    return below.get(key) or rules.get("valuesrules") or {}


def _misfit(message: str, at: DataPath, value: object, around: Mapping[str, Any], rules: Mapping[str, Any]) -> Misfit:
    name = _name(at)
    if message == "unknown field":
        known = list(around.get("schema", {}))
        return Misfit(at, f'unknown key "{at[-1]}"', did_you_mean(str(at[-1]), known) or _known(known), at_key=True)
    if message == "required field":
        choices = rules.get("allowed", ())
        hint = f"write {at[-1]}: {choices[0]}" if len(choices) == 1 else None
        return Misfit(at[:-1], f'"{at[-1]}" is missing', hint)
    if message.startswith("unallowed value"):
        choices = [str(choice) for choice in rules.get("allowed", ())]
        hint = f"one of {', '.join(choices)}" if len(choices) > 1 else f"write {at[-1]}: {choices[0]}"
        hint = did_you_mean(str(value), choices) or hint
        return Misfit(at, f'{name} cannot be "{shortened(value)}"', hint)
    if message in ("empty values not allowed", "min length is 1"):
        return Misfit(at, f"{name} is empty")
    if "regex" in message and "keysrules" in around:
        return Misfit(at, f'"{shortened(at[-1])}" is not {_words(around["keysrules"])}', at_key=True)
    if "regex" in message:
        return Misfit(at, f'"{shortened(value)}" is not {_words(rules)}')
    quote = _words(rules) == "a text" and isinstance(value, bool | int | float)
    return Misfit(at, f"{name} should be {_words(rules)}", "write it in quotes" if quote else None)


def _name(at: DataPath) -> str:
    """What a value is called: by its key, and an item of a list by that of the list."""
    keys = [step for step in at if isinstance(step, str)]
    return f"an item of {keys[-1]}" if keys and isinstance(at[-1], int) else str(at[-1])


_WORDS = {
    "string": "a text",
    "boolean": "true or false",
    "integer": "an integer",
    "list": "a list",
    "dict": "a mapping",
}


def _words(rules: Mapping[str, Any]) -> str:
    words = rules.get("meta", {}).get("words")
    return str(words) if words else _WORDS.get(rules.get("type", ""), "something else")


def _known(names: list[str]) -> str:
    return f"known here: {', '.join(names)}"


def shortened(value: object) -> str:
    """A value from a file as a message shows it."""
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."
