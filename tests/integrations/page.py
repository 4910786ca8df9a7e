"""What ``integrations/README.md`` shows."""

from __future__ import annotations

from tests.installation import ROOT
from tests.readme import Block, blocks

INTEGRATIONS = ROOT / "integrations"
PAGE = (INTEGRATIONS / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """The text below a heading, up to the next."""
    found = PAGE.partition(f"\n## {title}\n")[2]
    assert found, f"integrations/README.md has no heading {title}"
    return found.partition("\n## ")[0]


def shown(title: str, language: str) -> list[Block]:
    """The fenced blocks of a language below a heading."""
    return [block for block in blocks(section(title)) if block.language == language]
