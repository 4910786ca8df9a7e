"""A plan with all that plans can hold."""

from __future__ import annotations

from policyengine.remediation.changes import AddItems, RemoveField, SetField
from policyengine.remediation.images.recipe import Recipe
from policyengine.remediation.plan import (
    EngineRef,
    ImageChange,
    Left,
    Plan,
    Proposal,
    Shown,
    Target,
    Untouched,
)

DIGEST = f"sha256:{'ab' * 32}"

WEB = Target(
    kind="container",
    name="web",
    id="12" * 32,
    url="docker://local/container/web",
    state="s1",
    changes=(
        SetField(("privileged",), value=False),
        AddItems(("cap_drop",), ("ALL",)),
        RemoveField(("cap_add", 0)),
        SetField(("volumes", 1), {"type": "tmpfs", "target": "/run"}),
    ),
    image=ImageChange("nginx:1.27", f"nginx@{DIGEST}", "it is what runs", "docker.io/library/nginx", "1.27"),
    shown=(
        Shown("privileged", before=True, after=False, policies=("privileged",)),
        Shown("cap_drop", None, ["ALL"], ("caps-not-dropped-all",)),
        Shown("cap_add", ["SYS_ADMIN"], [], ("caps-added",)),
        Shown('environment["DB_PASSWORD"]', "****", None, ("env-secrets",)),
    ),
    way="warm",
    steps=("make web.pe-new", "let it get healthy on a network of its own", "give it the ports of web"),
    gap=0.2,
    satisfies=("privileged", "caps-not-dropped-all", "caps-added", "image-digest"),
    left=(Left("run-as-uid-0", "no fix is known"), Left("no-healthcheck", "no fix is known")),
    warnings=("what it has written into its own files is not carried over: /data/a\x1b[2J",),
)
SHOP = Target(
    kind="service",
    name="shop_web",
    id="x1",
    url="docker://local/container/shop_web.1.abc",
    state="s2",
    image=ImageChange(
        f"app@{DIGEST}",
        f"app@{DIGEST}",
        "it is what runs, with what user-root says on top",
        "docker.io/library/app",
        build=Recipe(f"app@{DIGEST}", ("USER 65532:65532",)),
    ),
    steps=("update the service",),
    gap=0,
    satisfies=("user-root",),
)
PLAN = Plan(
    id="0f" * 16,
    created="2026-05-01T12:00:00Z",
    tool="policyengine 0.1.0",
    engine=EngineRef("local", "ABCD:1"),
    sources=("docker://",),
    unsafe=True,
    targets=(WEB, SHOP),
    untouched=(Untouched("db", "docker://local/container/db", (Left("host-pid", "the settings protect it: db*"),)),),
    proposed=(
        Proposal(
            "/etc/docker/daemon.json",
            '--- /dev/null\n+++ /etc/docker/daemon.json\n@@ -0,0 +1,3 @@\n+{\n+  "live-restore": true\n+}\n',
            ("daemon-live-restore",),
            "patch -p0 applies it; restart the engine",
        ),
    ),
)
