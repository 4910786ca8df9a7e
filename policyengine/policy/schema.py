"""The shape of a policy file, format version 1, as a Cerberus schema; and what Cerberus says as issues."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from policyengine.errors import did_you_mean
from policyengine.firewall.intents.zones import ZONE
from policyengine.model.report import CATEGORIES, SEVERITIES
from policyengine.policy.flows import SECTION as FLOWS
from policyengine.policy.flows import selector_misfit
from policyengine.policy.image_strategy import MAPPED, REPOSITORY, USER, WITHIN
from policyengine.policy.issues import Issue
from policyengine.policy.parameters import NAME, SCALARS, substituted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from policyengine.policy.issues import DataPath

OUTCOMES = ("pass", "fail", "unknown")

_TEXT: dict[str, Any] = {"type": "string", "empty": False, "maxlength": 10_000}
_ID = r"[a-z0-9][a-z0-9-]*(?:/[a-z0-9][a-z0-9-]*)?"


def _text(help_: str, longest: int | None = None) -> dict[str, Any]:
    return {**_TEXT, **({"maxlength": longest} if longest else {}), "meta": {"help": help_}}


def _texts(help_: str) -> dict[str, Any]:
    return {"type": "list", "schema": _TEXT, "meta": {"help": help_}}


def _choice(choices: Iterable[str], help_: str) -> dict[str, Any]:
    return {"type": "string", "allowed": list(choices), "required": True, "meta": {"help": help_}}


EXAMPLE_OPTIONS: dict[str, Any] = {
    "name": _text("What the example shows."),
    "line": {"type": "integer", "min": 1, "meta": {"help": "The line of the input that the finding is told at."}},
    "field": _text("The field that the finding is about, as a report has it."),
    "parameters": {"type": "dict", "meta": {"help": "Values of the policy's parameters in this example."}},
    "closed": {
        "type": "boolean",
        "meta": {"help": "true: the input is all there is, so that what it lacks is known to be missing."},
    },
    "zones": {
        "type": "dict",
        "keysrules": {"type": "string", "regex": ZONE},
        "valuesrules": {"type": "list", "schema": _TEXT},
        "meta": {"help": "Zones that flows name, as settings declare them."},
    },
    "fixed": {
        "type": "boolean",
        "meta": {"help": "false: what the policy says to mend a violation cannot be done in this input."},
    },
}
"""What an example may say beside its input."""

_EXAMPLE = {"type": "dict", "schema": EXAMPLE_OPTIONS, "allow_unknown": True}
_EXAMPLES = {
    "pass": "Inputs that satisfy the policy; at least one.",
    "fail": "Inputs that violate the policy; at least one.",
    "unknown": "Inputs that lack a fact, so that the policy cannot say.",
}

_CONTROL: dict[str, Any] = {
    "benchmark": {
        **_text("The benchmark, with its version beside it: numbering differs between versions."),
        "excludes": "tool",
        "dependencies": ["version"],
    },
    "version": _text("The version of the benchmark, in quotes."),
    "tool": {**_text("Another tool that checks the same."), "dependencies": ["inputs"]},
    "inputs": _texts("The input kinds that the other tool's check speaks of."),
    "id": {**_text("The number of the control, or the other tool's id of its check."), "required": True},
    "name": {**_text("The other tool's name of its check.", 200), "dependencies": ["tool"]},
}

_DECLARATION: dict[str, Any] = {
    "type": _choice([*SCALARS, "list"], "The type of the parameter's values."),
    "items": {"type": "string", "allowed": list(SCALARS), "meta": {"help": "The type of a list's items: string."}},
    "allowed": {
        "type": "list",
        "minlength": 1,
        "meta": {"help": "The only values that it may have, or the items of a list: any of its type where left out."},
    },
    "default": {"required": True, "meta": {"help": "The value where settings give none."}},
    "help": {**_text("What the parameter decides."), "required": True},
}

_ASSERTION: dict[str, Any] = {
    "cel": {
        "type": "string",
        "empty": False,
        "required": True,
        "meta": {"help": "A CEL expression that must be true; fields are variables, parameters are params.NAME."},
    },
    "field": _text("The field that a violation is told at: a.b."),
    "message": _text("What a violation of this assertion is told as, instead of the policy's message.", 1000),
}

_LAYER: dict[str, Any] = {
    "user": {
        "type": "string",
        "regex": USER,
        "meta": {"help": "The user, in quotes, whom the image's containers start as: UID:GID."},
    },
    "remove_setuid": {"type": "boolean", "meta": {"help": "true: no file lends its owner's or its group's rights."}},
    "remove": _texts("Files and directories that go; package-managers is all of the system's."),
    "files": {
        "type": "dict",
        "keysrules": _TEXT,
        "valuesrules": {"type": "string"},
        "meta": {"help": "Files that are written, root's, by path."},
    },
    "run": _texts("Commands that are run, as root, by a shell of the image."),
}

_IMAGE: dict[str, Any] = {
    "pin": {
        "type": "string",
        "allowed": ["served", "running"],
        "meta": {
            "help": "The digest that the registry serves under the tag now, or that runs; where nothing runs, in a "
            "file, running is what is served."
        },
    },
    "upgrade": {
        "type": "dict",
        "schema": {
            "within": _choice(
                WITHIN,
                "How far from the tag: same-tag, what it stands for now; patch, the same first two numbers; minor, "
                "the same first number. Never an older one.",
            ),
            "registry": {
                "anyof": [
                    {"type": "string", "allowed": [MAPPED]},
                    {
                        "type": "dict",
                        "minlength": 1,
                        "keysrules": {"type": "string", "regex": REPOSITORY},
                        "valuesrules": {"type": "string", "regex": REPOSITORY},
                    },
                ],
                "meta": {
                    "help": "Where from, if not from where it is: a mapping of registries, or starts of image names, "
                    "to others; mapped: as the settings map them."
                },
            },
        },
        "meta": {"help": "The newest image that the policies pass, within a rule."},
    },
    "rebuild": {
        "type": "dict",
        "schema": _LAYER,
        "meta": {"help": "An image derived from the one that runs: what its layer changes."},
    },
}

_REMEDIATION: dict[str, Any] = {
    "safety": _choice(
        ("safe", "unsafe"),
        "safe: a container that does nothing the policy forbids runs as before. unsafe: any other fix.",
    ),
    "set": {
        "type": "dict",
        "keysrules": {"type": "string"},
        "meta": {"help": "Values by field path; of ports[].host_ip those of the items that violate."},
    },
    "add": {
        "type": "dict",
        "keysrules": {"type": "string"},
        "valuesrules": {"type": "list", "minlength": 1},
        "meta": {"help": "Items by the field path of the list that is to have them."},
    },
    "remove": _texts("Field paths of values that go; cap_add[] is the items that violate."),
    "image": {
        "type": "dict",
        "schema": _IMAGE,
        "meta": {"help": "The image to run instead: one of pin, upgrade and rebuild."},
    },
}

SCHEMA: dict[str, Any] = {
    "version": {
        "type": "integer",
        "allowed": [1],
        "required": True,
        "meta": {"help": "The version of this file's format: 1."},
    },
    "id": {
        "type": "string",
        "regex": _ID,
        "maxlength": 100,
        "required": True,
        "meta": {
            "help": "The policy's name, and the file's: lower-case letters, digits and hyphens. An organisation may "
            "stand before: acme/no-root."
        },
    },
    "aliases": _texts("Former ids: they keep working in settings and waivers."),
    "tags": _texts("Words that the policy can be chosen by."),
    "title": {**_text("What the policy demands, in one line.", 200), "required": True},
    "category": _choice(CATEGORIES, "What the policy is about."),
    "severity": _choice(SEVERITIES, "How bad a violation is."),
    "controls": {
        "type": "list",
        "schema": {"type": "dict", "schema": _CONTROL},
        "meta": {"help": "Controls of benchmarks, and other tools' checks, that demand the same."},
    },
    "why": {**_text("Why it matters: what a violation makes possible."), "required": True},
    "target": {
        "required": True,
        "anyof": [{"type": "string"}, {"type": "list", "minlength": 1, "schema": {"type": "string"}}],
        "meta": {"help": "The kind of resource that is judged, or a list of kinds; `policyengine fields` lists them."},
    },
    "parameters": {
        "type": "dict",
        "keysrules": {"type": "string", "regex": NAME},
        "valuesrules": {"type": "dict", "schema": _DECLARATION},
        "meta": {"help": "What settings may decide: each with type, default and help. `!param NAME` stands for it."},
    },
    "where": {
        "type": "dict",
        "meta": {"help": "Which resources the policy is for: constraints by field path, all of which hold."},
    },
    "require": {
        "type": "dict",
        "meta": {"help": "What must hold: constraints by field path, such as privileged: {allowed: [false]}."},
    },
    "assert": {
        "type": "list",
        "schema": {"type": "dict", "schema": _ASSERTION},
        "meta": {"help": "What must hold between fields, in CEL."},
    },
    "flows": {
        "type": "dict",
        "schema": FLOWS,
        "meta": {"help": "Who may reach the target, and what it may or has to reach; decided on all rules there are."},
    },
    "remediate": {
        "type": "dict",
        "schema": _REMEDIATION,
        "meta": {"help": "What mends a violation by itself, in the words of the model; `check --fix` does it."},
    },
    "message": _text(
        "What a violation is told as: {name}, {field}, {value}, {item.FIELD} of a list's item, and fields are put in.",
        1000,
    ),
    "remedy": {
        "anyof": [_TEXT, {"type": "dict", "keysrules": {"type": "string"}, "valuesrules": _TEXT}],
        "meta": {"help": "How a violation is mended: one text, or one for each input kind, and `default`."},
    },
    "examples": {
        "type": "dict",
        "required": True,
        "schema": {
            outcome: {"type": "list", "nullable": True, "schema": _EXAMPLE, "meta": {"help": _EXAMPLES[outcome]}}
            for outcome in OUTCOMES
        },
        "meta": {"help": "Inputs that pass and inputs that fail: `policyengine test` judges them."},
    },
}


def shape_issues(data: Mapping[str, Any]) -> Iterator[Issue]:
    """What is wrong with the shape of a policy file's data."""
    if not data.get("require") and not data.get("assert") and not data.get("flows"):
        yield Issue((), "the policy demands nothing", "give it require, assert or flows")
    validator = _validator()
    if not validator.validate(_filled(data), normalize=False):
        yield from _issues(validator.errors, (), data)


def _filled(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data with the defaults of parameters in ``flows``, which have a shape of their own.

    Where a parameter is not declared, or its default is no text, ``flows`` is left out: what is wrong is told of that.
    """
    if "flows" not in data:
        return dict(data)
    declared = data.get("parameters")
    known = declared.items() if isinstance(declared, dict) else ()
    defaults = {name: item.get("default") for name, item in known if isinstance(item, dict)}
    texts = {name: one for name, one in defaults.items() if all(isinstance(part, str) for part in _listed(one))}
    try:
        return {**data, "flows": substituted(data["flows"], texts)}
    except KeyError:
        return {name: section for name, section in data.items() if name != "flows"}


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


@cache
def _validator() -> Any:
    """Cerberus, to which true is an integer too, with integers that are numbers.

    Kept, for Cerberus takes four times as long to check this schema as to check a policy against it.
    """
    from cerberus import TypeDefinition, Validator

    integers = TypeDefinition("integer", (int,), (bool,))
    strict = type("Strict", (Validator,), {"types_mapping": {**Validator.types_mapping, "integer": integers}})
    return strict(SCHEMA)


def _issues(errors: Mapping[Any, list[Any]], path: DataPath, data: object) -> Iterator[Issue]:
    for key, messages in errors.items():
        if isinstance(key, str) and key.startswith(("anyof definition", "oneof definition")):
            continue
        at = (*path, key)
        value = data[key] if isinstance(data, dict) and key in data else None
        if isinstance(data, list) and isinstance(key, int):
            value = data[key]
        for message in messages:
            if isinstance(message, dict):
                yield from _issues(message, at, value)
            else:
                yield _issue(message, at, value)


def _issue(message: str, at: DataPath, value: object) -> Issue:
    """One of Cerberus's errors in the words of policies."""
    name = str(at[-1]) if isinstance(at[-1], str) else "this"
    if message == "unknown field":
        known = [str(key) for key in _schema_at(at[:-1])]
        hint = did_you_mean(name, known) or f"known here: {', '.join(known)}"
        return Issue(at, f'unknown key "{name}"', hint, at_key=True)
    if message == "required field":
        return Issue(at[:-1], f'"{name}" is missing', _choices_hint(at))
    if message.startswith("unallowed value"):
        near = did_you_mean(str(value), _choices(at))
        return Issue(at, f'"{_shortened(value)}" is no {_called(at)}', near or _choices_hint(at))
    if message == "no definitions validate" or message.startswith("must be of"):
        return _mistyped(message, name, at, value)
    if message.startswith("value does not match regex"):
        if at[0] == "parameters":
            return Issue(at, f'"{name}" is no name of a parameter', "lower-case letters, digits and _", at_key=True)
        if at[0] == "remediate":
            is_user = name == "user"
            what, hint = ("user", "UID:GID") if is_user else ("registry", "such as registry.example.com/mirror")
            return Issue(at, f'"{_shortened(name if value is None else value)}" is no {what}', hint)
        return Issue(at, f'"{_shortened(value)}" is no id', _SPELLING)
    if message in ("empty values not allowed", "null value not allowed"):
        return Issue(at, f"{name} is empty", at_key=True)
    beside = message.removeprefix("field '").partition("'")[0] if message.endswith("' is required") else None
    return Issue(at, f'{name} needs "{beside}" beside it' if beside else f"{name}: {message}", at_key=bool(beside))


_SPELLING = "lower-case letters, digits and hyphens; an organisation may stand before: acme/no-root"
_TYPES = {
    "string": "a text",
    "list": "a list",
    "dict": "a mapping",
    "integer": "an integer",
    "boolean": "true or false",
}
_EITHER = {
    "target": "a kind of resource, or a list of them",
    "remedy": "a text, or a mapping of input kinds to texts",
    "registry": "mapped, or a mapping of registries to others",
    "ports": "ports such as tcp/443, or a list of them",
    "never_reaches": "a zone, an address, or a list of these and of {to: ..., ports: [...]}",
}


def _mistyped(message: str, name: str, at: DataPath, value: object) -> Issue:
    if at[0] == "flows" and name in ("from", "to"):
        told, hint = selector_misfit(value)
        return Issue(at, f"{name}: {told}", hint)
    wanted = _EITHER.get(name) or _TYPES.get(message.removeprefix("must be of ").removesuffix(" type"), message)
    quote = wanted == "a text" and isinstance(value, bool | int | float)
    return Issue(at, f"{name} should be {wanted}", "write it in quotes" if quote else _choices_hint(at))


def _called(at: DataPath) -> str:
    return "type of items" if at[-1] == "items" else str(at[-1])


def _shortened(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _choices(at: DataPath) -> list[str]:
    return [str(choice) for choice in _schema_at(at[:-1]).get(at[-1], {}).get("allowed", ())]


def _choices_hint(at: DataPath) -> str | None:
    choices = _choices(at)
    return f"one of {', '.join(choices)}" if len(choices) > 1 else f"write {at[-1]}: {choices[0]}" if choices else None


def _schema_at(path: DataPath) -> Mapping[Any, Any]:
    """The schema of the keys of the mapping at a path."""
    fields: Any = SCHEMA
    rules: Any = {"schema": SCHEMA}
    for step in path:
        inside = rules.get("schema", {}) if isinstance(step, int) else rules.get("valuesrules", {})
        rules = inside if isinstance(step, int) else fields.get(step) or inside
        fields = rules.get("schema", {})
    return fields if isinstance(fields, dict) else {}
