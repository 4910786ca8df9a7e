"""The keys of a settings file, format version 1, as a Cerberus schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policyengine.firewall.intents.zones import ZONE
from policyengine.model.report import CATEGORIES, SEVERITIES
from policyengine.settings import remediating
from policyengine.settings.settings import COLOR, ON_UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_TEXT: dict[str, Any] = {"type": "string", "empty": False}
_ENFORCE = ("block", "warn", "off")


def _texts(help_: str, offers: str = "", item: Mapping[str, Any] = _TEXT) -> dict[str, Any]:
    """The rules of a key that takes one text, or several; an editor offers names of a sort."""
    item = {**item, "meta": {"offers": offers}} if offers else dict(item)
    return {
        "type": "list",
        "schema": item,
        "meta": {"words": "a text, or a list of texts", "lone": True, "help": help_},
    }


def _switch(help_: str) -> dict[str, Any]:
    return {"type": "boolean", "meta": {"legacy": True, "help": help_}}


def _choice(choices: Iterable[str], help_: str) -> dict[str, Any]:
    return {"type": "string", "allowed": list(choices), "meta": {"help": help_}}


def _some(help_: str, offers: str = "", item: Mapping[str, Any] = _TEXT) -> dict[str, Any]:
    """The rules of a key that narrows what a rule is for: an empty list would make the rule one for everything."""
    return {**_texts(help_, offers, item), "minlength": 1}


RULE: dict[str, Any] = {
    "enforce": {
        **_choice(_ENFORCE, "What violations do: block (the run fails), warn (shown only) or off (not shown)."),
        "required": True,
    },
    "severity": _some("Severities that the rule is for.", item={"type": "string", "allowed": list(SEVERITIES)}),
    "category": _some("Categories that the rule is for.", item={"type": "string", "allowed": list(CATEGORIES)}),
    "pack": _some("Packs whose policies the rule is for: names, or directories with pack.yaml.", "packs"),
    "policy": _some("Policies that the rule is for: any of their names.", "policies"),
    "path": _some("Paths that the rule is for: patterns as in .gitignore, relative to this file."),
}
"""The keys of a rule of ``enforcement``."""

SCHEMA: dict[str, Any] = {
    "version": {
        "type": "integer",
        "allowed": [1],
        "required": True,
        "meta": {"help": "The version of this file's format: 1."},
    },
    "sources": _texts(
        "What `policyengine check` judges when no source is named: files, directories, docker://, or - for standard "
        "input. Paths are relative to this file."
    ),
    "policies": _texts("Policies of your own, files or directories, relative to this file; they count in every pack."),
    "built_in": _switch("Judge by the built-in policies, too. Default: yes."),
    "packs": _texts(
        "The policies: default is what is dangerous almost anywhere, strict adds hardening, all is everything. "
        "`policyengine packs` lists the packs; a directory with pack.yaml is one, too.",
        "packs",
    ),
    "select": _texts(
        "Policies to judge by, and no others: ids, categories, tags, controls, other tools' ids.", "policies"
    ),
    "ignore": _texts("Policies to leave out: ids, categories, tags, controls, other tools' ids.", "policies"),
    "parameters": {
        "type": "dict",
        "keysrules": _TEXT,
        "valuesrules": {"type": "dict", "meta": {"words": "a mapping of parameters to values"}},
        "meta": {
            "words": "a mapping of policies to their parameters",
            "help": "Parameters of policies; `policyengine explain POLICY` lists them.",
            "offers": "parameters",
        },
    },
    "enforcement": {
        "type": "list",
        "schema": {
            "type": "dict",
            "schema": RULE,
            "meta": {"words": "a rule such as {severity: low, enforce: warn}"},
        },
        "meta": {
            "words": "a list of rules such as {severity: low, enforce: warn}",
            "help": "What violations do: block (the run fails), warn (shown, and the run does not fail) or off (not "
            "shown). The last rule that fits decides, as in .gitignore. Where none fits, a violation blocks.",
        },
    },
    "unknown": _choice(
        ON_UNKNOWN, "What a judgement that lacks a fact does: fail (the run), warn (be shown) or ignore. Default: warn."
    ),
    "fail_on": _choice(SEVERITIES, "The least severity that fails the run. Default: info."),
    "require_match": _switch("Fail when no policy applied to anything. Default: no."),
    "waivers": {
        **_TEXT,
        "meta": {"help": "The waivers file, relative to this one. Default: policyengine-waivers.yaml, here or above."},
    },
    "baseline": {
        **_TEXT,
        "meta": {
            "help": "The baseline, what is known already; relative to this file. Default: policyengine-baseline.json, "
            "here or above."
        },
    },
    "live_exceptions": _switch("Honour annotations and labels of running objects, too. Default: no."),
    "resolve": _texts(
        "Where to ask for facts that files leave open: engine, the local container engine; registry, the registries "
        "of the images. The first that knows counts.",
        "enrichments",
    ),
    "insecure_registries": _texts(
        "Registries, HOST[:PORT], that may be asked over plain HTTP, as those on this machine may."
    ),
    "registry_mirrors": _texts(
        "Mirrors of Docker Hub, asked before it: URLs, or a daemon.json (/etc/docker/daemon.json) that names them."
    ),
    "exclude": _texts(
        "What is left out of directories, as in .gitignore, beside what .gitignore itself names. Relative to this file."
    ),
    "env": {
        "type": "dict",
        "keysrules": {
            "type": "string",
            "regex": r"[A-Za-z_][A-Za-z0-9_]*",
            "meta": {"words": "a name of a variable"},
        },
        "valuesrules": {"type": "string", "meta": {"words": "a text"}},
        "meta": {
            "words": "a mapping of variables to texts",
            "help": 'Variables of Compose files: {TAG: "1.25"}. The environment\'s own are not used.',
        },
    },
    "zones": {
        "type": "dict",
        "keysrules": {"type": "string", "regex": ZONE, "meta": {"words": "a name of a zone"}},
        "valuesrules": _texts("Addresses, or networks in CIDR notation."),
        "meta": {
            "words": "a mapping of zones to networks",
            "help": "Zones that policies about flows name: {office: [203.0.113.0/24, '2001:db8::/32']}. internet and "
            "outside need not be declared.",
        },
    },
    "format": _texts(
        "Output formats, NAME or NAME=FILE; the file is relative to this one. Default: full on a terminal, else text.",
        "formats",
    ),
    "color": _choice(COLOR, "When to use colours. NO_COLOR and FORCE_COLOR count, too. Default: auto."),
    "cache": {
        "anyof": [{"type": "boolean", "meta": {"legacy": True}}, _TEXT],
        "meta": {
            "words": "true, false or a directory",
            "help": "Use the results of earlier runs: true, false, or the directory where they are kept. Default: yes.",
        },
    },
    "jobs": {
        "anyof": [{"type": "integer", "min": 1}, {"type": "string", "allowed": ["auto"]}],
        "meta": {
            "words": "a number of processes, or auto",
            "help": "How many processes. Default: auto, as many as are worth it.",
        },
    },
    "progress": _switch("Show how far the run is. Default: on a terminal."),
    remediating.NAME: remediating.RULES,
}


def _marked(schema: Mapping[str, Any], mark: str) -> tuple[str, ...]:
    return tuple(name for name, rules in schema.items() if rules.get("meta", {}).get(mark))


LISTS = frozenset(_marked(SCHEMA, "lone"))
"""The keys that take one text, or several."""

SWITCHES = frozenset(_marked(SCHEMA, "legacy"))
"""The keys that are true or false."""

RULE_LISTS = _marked(RULE, "lone")
"""The keys of a rule of ``enforcement`` that take one text, or several."""


def help_of(key: str) -> str:
    """What a key is for."""
    return str(SCHEMA[key]["meta"]["help"])
