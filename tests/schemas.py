"""The JSON Schemas in ``schemas/``, for editors. ``python -m tests.schemas --write`` writes them."""

from __future__ import annotations

import json
import sys
from typing import Any

from policyengine.api import Settings
from policyengine.commands.policies import loaded
from policyengine.commands.schema import DOCUMENTS, schema
from policyengine.policy.parameters import Param
from tests.installation import ROOT

DIRECTORY = ROOT / "schemas"


def written(document: str) -> str:
    """The schema as it should be: with the names of the built-in policies."""
    return schema(document, loaded(Settings())[0])


def validator(document: str) -> Any:
    """What judges a document's data by the schema."""
    from jsonschema import Draft7Validator

    return Draft7Validator(json.loads(written(document)))


def as_editors_see(data: object) -> Any:
    """A file's data as a language server of YAML sees them: of ``!param name`` it sees the name."""
    if isinstance(data, Param):
        return data.name
    if isinstance(data, dict):
        return {key: as_editors_see(value) for key, value in data.items()}
    return [as_editors_see(item) for item in data] if isinstance(data, list) else data


def main() -> None:
    """Write all of them, or tell which are not current."""
    stale = []
    for document in DOCUMENTS:
        path, text = DIRECTORY / f"{document}.json", written(document)
        if "--write" in sys.argv:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(path.name)
    sys.exit(f"not current: {', '.join(stale)}; python -m tests.schemas --write" if stale else 0)


if __name__ == "__main__":
    main()
