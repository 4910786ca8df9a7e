"""What is made of the built-in policies, and what of the catalogue goes into them. ``python -m tests.catalogue`` writes

- ``policies/README.md``, the page that lists them, up to what is written by hand there; their number into the README;
- ``policies/SHA256SUMS``, the digests by which a run knows that they were checked;
- the names of KICS' queries beside their ids in the policies' controls, where the catalogue is there to tell them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.api import Settings
from policyengine.commands.packs import packs_of
from policyengine.commands.page import page
from policyengine.commands.policies import loaded
from policyengine.policy import known_good
from policyengine.policy.library import built_in, policy_files
from tests.conformance.catalogue import CATALOGUE, query_names
from tests.installation import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE = built_in() / "README.md"

_ABOUT = """\
# The built-in policies

<!-- python -m tests.catalogue writes this page -->

{count} policies, the worst of each category first. `policyengine explain ID` tells all about one: why, what it \
demands, how to mend a violation, and examples that pass and fail. The packs that a policy is in are named; beside \
them there is `all`: every policy but those of the Pod Security Standards, which ask the same things to the letter. \
Controls are what benchmarks and other tools call it, and any of these names may be typed where an id may: `--select \
CKV_K8S_16`, `--ignore DL3007`, `--select "CIS Docker 1.7.0 5.5"`. Another tool's name acts on the inputs that the \
tool's check speaks of. At the end of the page: \
[how policies demand flows](#policies-about-flows).

"""
_BY_HAND = "<!-- what follows is written by hand -->"
_UNNAMED = re.compile(r"(\{tool: kics, id: ([0-9a-f-]{36}))(?=, inputs)")


def written() -> str:
    """The page as it should be."""
    policies = loaded(Settings())[0]
    return _ABOUT.format(count=len(policies)) + page(policies, packs_of(policies), built_in()) + by_hand()


def by_hand() -> str:
    """The end of the page, which nothing is made of: how policies about flows are written."""
    _, mark, text = PAGE.read_text(encoding="utf-8").partition(_BY_HAND)
    return f"\n{mark}{text}" if mark else ""


def with_names(text: str, names: Mapping[str, str]) -> str:
    """A policy file with the names of KICS' queries by their ids."""
    return _UNNAMED.sub(
        lambda found: found[1] + (f", name: {_quoted(names[found[2]])}" if found[2] in names else ""), text
    )


def _quoted(name: str) -> str:
    return f'"{name}"' if re.search(r"[,\[\]{}#:]", name) else name


def main() -> None:
    """Write all of it."""
    if CATALOGUE.is_file():
        for path in built_in().rglob("*.yaml"):
            text = path.read_text(encoding="utf-8")
            path.write_text(with_names(text, query_names()), encoding="utf-8")
    (built_in() / known_good.LIST).write_text(known_good.listed(built_in(), policy_files(built_in())), encoding="utf-8")
    PAGE.write_text(written(), encoding="utf-8")
    count = len(loaded(Settings())[0])
    readme = ROOT / "README.md"
    text = re.sub(r"(\| comes with \| )\d+ policies", rf"\g<1>{count} policies", readme.read_text(encoding="utf-8"))
    readme.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
