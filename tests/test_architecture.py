"""The rules of the house: which way imports go, what stays out of a cold start, and how large things may be."""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from policyengine import outputs

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "policyengine"

TIERS: tuple[frozenset[str], ...] = (
    frozenset({"__init__", "errors"}),
    frozenset({"model"}),
    frozenset({"authentication", "documents", "firewall", "images", "connections", "terminal"}),
    frozenset(
        {
            "engine",
            "enrich",
            "exceptions",
            "fingerprint",
            "grants",
            "inputs",
            "networks",
            "outputs",
            "policy",
            "referents",
            "relations",
            "remediation",
            "settings",
            "sources",
            "walk",
        }
    ),
    frozenset({"pipeline", "revisions"}),
    frozenset({"commands"}),
    frozenset({"api", "boundary"}),
    frozenset({"cli"}),
    frozenset({"__main__"}),
)
"""A module imports from the tiers before its own, and from its own package."""

SIDEWAYS = {
    ("authentication", "documents.go_json"): "docker's files are read as Go reads them",
    ("authentication", "documents.shell"): "start-up files of homes are scripts",
    ("authentication", "documents.yaml"): "JSON, with the places of its values",
    ("connections", "documents.go_json"): "so is the file with the logins",
    ("engine", "remediation.files.planning"): "a finding says whether there is a fix",
    ("engine", "policy.body"): "the engine runs what policies were compiled to",
    ("engine", "policy.compile"): "a failure of a compiled rule becomes a finding",
    ("engine", "policy.messages"): "a policy's message is filled in when its finding is made",
    ("engine", "policy.policy"): "what the engine is given",
    ("engine", "policy.verdict"): "three-valued logic has one vocabulary",
    ("engine", "fingerprint"): "part of a finding",
    ("engine", "inputs"): "which fields an input kind supplies decides which rules apply",
    ("exceptions", "policy.cache"): "that a waivers file is right is remembered where it is of policies",
    ("enrich", "inputs.context"): "problems of enrichments are told as those of readers are",
    ("networks", "inputs.firewall.live"): "the rules of this host are read in one place",
    ("relations", "grants"): "what bindings give is kept and asked for with all that relates",
    ("relations", "networks"): "what networks are made of is kept with all that relates",
    ("relations", "referents"): "what is referred to is kept and asked for with all that relates",
    ("remediation", "inputs.compose"): "what a project's files say is changed where they say it",
    ("remediation", "inputs.context"): "the circumstances in which those are read",
    ("remediation", "inputs.files"): "what those are taken to hold",
    ("remediation", "inputs.docker.security"): "how an engine tells an option of security, and how it is asked for it",
    ("remediation", "inputs.normal"): "capabilities have one spelling",
    ("remediation", "inputs.docker.alone"): "changes of a container's fields start from what its reader says of it",
    ("remediation", "outputs.deliver"): "a plan goes into a file as a report does",
    ("remediation", "policy.image_strategy"): "which image a policy wants to be run",
    ("remediation", "policy.parameters"): "what it says may be a parameter's to say",
    ("remediation", "policy.remediation"): "what a policy says to mend a violation",
    ("remediation", "policy.selectors"): "the field paths that it says it by",
    ("settings", "policy.cache"): "that a settings file is right is remembered where it is of policies",
    ("settings", "policy.packs"): "the name of a built-in pack is no path",
    ("networks", "inputs.context"): "the circumstances in which the rest of an engine is read",
    ("networks", "inputs.docker"): "who reaches one container hangs on the rest of its engine",
    ("policy", "inputs"): "another tool's id acts only on some of the input kinds",
    ("sources", "inputs"): "finds the reader of each document",
    ("sources", "inputs.context"): "gives readers their circumstances",
    ("sources", "inputs.files"): "gives readers what their documents refer to",
    ("sources", "walk"): "finds the files of a directory",
}
"""Imports within a tier, each with its reason. An unused entry is an error."""

SHARED = {
    "inputs": {"authentication", "calls", "context", "facts", "normal"},
    "enrich": {"resolved", "settling"},
    "networks": {"kept", "live", "makers"},
    "remediation": {
        "acts",
        "backoff",
        "belts",
        "changes",
        "desired",
        "docker",
        "files",
        "hooks",
        "host",
        "images",
        "journal",
        "ledger",
        "locking",
        "owners",
        "plan",
        "plan_file",
        "targets",
        "writes",
    },
    "outputs": outputs.SHARED,
}
"""What the adapters of a package may use of each other's package; adapters never import their siblings."""

AT_TOP = {
    ("boundary", "typer"): "the command line is Typer's",
    ("cli", "typer"): "the command line is Typer's",
    ("documents.yaml_building", "yaml"): "imported by whom reads YAML only",
}
"""Libraries imported at a module's top. All others are imported in the function that uses them."""

EVERYWHERE = frozenset({"msgspec"})
"""What values are made of. Loading it takes less than it spares."""

HEAVY = (
    "backports",
    "cel_expr_python",
    "cerberus",
    "docker",
    "jsonschema",
    "kubernetes",
    "pathspec",
    "pydantic",
    "re2",
    "requests",
    "rich",
    "sqlalchemy",
    "tabulate",
    "yaml",
)


@dataclass(frozen=True)
class Import:
    """``module`` imports ``target``, both within policyengine: ``policy.body``."""

    module: str
    target: str
    line: int

    def __str__(self) -> str:
        return f"policyengine/{self.module.replace('.', '/')} line {self.line}: imports {self.target}"


def modules() -> dict[str, Path]:
    names = {path: path.relative_to(PACKAGE).with_suffix("").parts for path in sorted(PACKAGE.rglob("*.py"))}
    return {
        ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts): path
        for path, parts in names.items()
    }


MODULES = modules()


def imports() -> Iterator[Import]:
    for name, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for target in _targets(node):
                yield Import(name, target, node.lineno)  # type: ignore[attr-defined]


def _targets(node: ast.AST) -> Iterator[str]:
    """The modules of policyengine that an import statement names."""
    if isinstance(node, ast.Import):
        found = [alias.name for alias in node.names if alias.name.split(".")[0] == "policyengine"]
    elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "policyengine":
        found = [f"{node.module}.{alias.name}" for alias in node.names]
    else:
        found = []
    for name in found:
        parts = name.split(".")[1:]
        while parts and ".".join(parts) not in MODULES:
            parts.pop()
        yield ".".join(parts) or "__init__"


IMPORTS = list(imports())


def tier(module: str) -> int:
    first = module.split(".")[0]
    found = [number for number, names in enumerate(TIERS) if first in names]
    assert found, f"policyengine/{first} stands on no tier: give it one in tests/test_architecture.py"
    return found[0]


def test_imports_go_one_way() -> None:
    upwards = [one for one in IMPORTS if tier(one.target) > tier(one.module)]
    assert not upwards, "\n".join(map(str, upwards))


def test_packages_of_one_tier_leave_each_other_alone() -> None:
    sideways = {one: (one.module.split(".")[0], one.target) for one in IMPORTS if _is_sideways(one)}
    forbidden = [str(one) for one, pair in sideways.items() if pair not in SIDEWAYS]
    assert not forbidden, "\n".join(forbidden)
    assert set(SIDEWAYS) == set(sideways.values()), "an allowed import that nobody makes any more"


def _is_sideways(one: Import) -> bool:
    ours, theirs = one.module.split(".")[0], one.target.split(".")[0]
    return ours != theirs and tier(ours) == tier(theirs) and tier(ours) > 1


@pytest.mark.parametrize("package", sorted(SHARED))
def test_adapters_never_import_their_siblings(package: str) -> None:
    found = [
        str(one)
        for one in IMPORTS
        if _adapter(one.module, package) and _adapter(one.target, package)
        if _adapter(one.module, package) != _adapter(one.target, package)
    ]
    assert not found, "\n".join(found)


def _adapter(module: str, package: str) -> str | None:
    """The adapter of the package that a module is, or is a part of."""
    parts = module.split(".")
    return parts[1] if parts[0] == package and len(parts) > 1 and parts[1] not in SHARED[package] else None


def test_shared_modules_of_the_formats_are_there_and_no_formats() -> None:
    gone = {name for name in outputs.SHARED if f"outputs.{name}" not in MODULES}
    assert not gone
    others = {name for name in outputs.SHARED if hasattr(import_module(f"policyengine.outputs.{name}"), "render")}
    assert not others


def test_heavy_libraries_are_imported_where_they_are_used() -> None:
    found = {
        ("cli" if name.startswith("cli.") else name, library)
        for name, path in MODULES.items()
        for library in _libraries(ast.parse(path.read_text(encoding="utf-8")).body)
    }
    assert found == set(AT_TOP)


def _libraries(body: list[ast.stmt]) -> Iterator[str]:
    """The libraries that a module's top imports, what is only for type checkers apart."""
    for node in body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
        found = {name.split(".")[0] for name in names}
        yield from found - set(sys.stdlib_module_names) - {"policyengine"} - EVERYWHERE
        for part in ("body", "orelse", "handlers", "finalbody"):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from _libraries(getattr(node, part, []))


LOADED = """
import sys
sys.argv = ["policyengine", *{arguments!r}]
from policyengine.cli import main
try:
    main()
except SystemExit as end:
    assert end.code == {code}, end.code
sys.stderr.write(" ".join(sorted({{name.split(".")[0] for name in sys.modules}})))
"""


def loaded(*arguments: str, code: int = 0) -> set[str]:
    """The top-level modules that a command line loads."""
    script = LOADED.format(arguments=list(arguments), code=code)
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(ended.stderr.split())


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    assert loaded(*arguments).isdisjoint({*HEAVY, *EVERYWHERE})


def test_a_check_of_files_loads_only_what_it_needs(tmp_path: Path) -> None:
    manifest = tmp_path / "pod.yaml"
    containers = "[{name: web, securityContext: {privileged: true}}]"
    manifest.write_text(f"apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {{containers: {containers}}}\n")
    loaded("policies")  # fills the cache of checked policies
    loaded("packs")
    needless = {
        "docker",
        "requests",
        "urllib3",
        "cerberus",
        "rich",
        "tabulate",
        "pathspec",
        "asyncio",
        "http",
        "pydantic",
    }
    assert loaded("check", str(manifest), code=1).isdisjoint(needless)


def test_no_file_is_over_500_lines() -> None:
    long = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in MODULES.items()}
    assert {name: length for name, length in long.items() if length > 500} == {}


def test_no_function_is_over_60_lines() -> None:
    found = {
        f"{name}.{node.name}": length
        for name, path in MODULES.items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (length := (node.end_lineno or 0) - node.lineno + 1) > 60
    }
    assert found == {}


def test_functions_are_short() -> None:
    """Median at most 8 lines, nine of ten at most 25: https://github.com/python-jsonschema/check-jsonschema."""
    lengths = sorted(
        (node.end_lineno or 0) - node.lineno + 1
        for path in MODULES.values()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    assert lengths[len(lengths) // 2] <= 8
    assert lengths[len(lengths) * 9 // 10] <= 25
