"""The page that lists the built-in policies. ``python -m tests.catalogue`` writes it: ``policies/README.md``."""

from __future__ import annotations

from policyengine.api import Settings
from policyengine.commands.packs import packs_of
from policyengine.commands.page import page
from policyengine.commands.policies import loaded
from policyengine.policy.library import built_in

PAGE = built_in() / "README.md"

_ABOUT = """\
# The built-in policies

<!-- python -m tests.catalogue writes this page -->

{count} policies, the worst of each category first. `policyengine explain ID` tells all about one: why, what it \
demands, how to mend a violation, and examples that pass and fail. A pack that a policy is in is named; the pack `all` \
has them all. Controls are what benchmarks and other tools call it, and any of these names may be typed where an id \
may: `--select CKV_K8S_16`, `--ignore DL3007`, `--select "CIS Docker 5.4"`. Another tool's name acts on the inputs \
that the tool's check speaks of.

"""


def written() -> str:
    """The page as it should be."""
    policies = loaded(Settings())[0]
    return _ABOUT.format(count=len(policies)) + page(policies, packs_of(policies), built_in())


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
