"""What a person is told of a plan, whole."""

from __future__ import annotations

from msgspec.structs import replace

from policyengine.commands.plan_text import plan_text
from policyengine.model.care import Hooks
from tests.commands.plans import DIGEST, PLAN

SHOWN = """\
container web  docker://local/container/web
  - image: nginx:1.27
  + image: nginx@sha256:abababababab
    it is what runs
  - privileged: true
  + privileged: false
  + cap_drop: ["ALL"]
  - cap_add: ["SYS_ADMIN"]
  + cap_add: []
  - environment["DB_PASSWORD"]: "****"
  how, with a gap of about 0.2 s:
    1. make web.pe-new
    2. let it get healthy on a network of its own
    3. give it the ports of web
  satisfies privileged, caps-not-dropped-all, caps-added, image-digest
  still violates run-as-uid-0, no-healthcheck: no fix is known
  warning: what it has written into its own files is not carried over: /data/a\\x1b[2J

service shop_web  docker://local/container/shop_web.1.abc
  - image: app@sha256:abababababab
  + image: app@sha256:abababababab with a layer of its own
    it is what runs, with what user-root says on top
    | FROM app@DIGEST
    | USER 65532:65532
  how, with no gap:
    1. update the service
  satisfies user-root

proposed for /etc/docker/daemon.json  (daemon-live-restore; patch -p0 applies it; restart the engine)
  --- /dev/null
  +++ /etc/docker/daemon.json
  @@ -0,0 +1,3 @@
  +{
  +  "live-restore": true
  +}

db  docker://local/container/db: nothing is done
  violates host-pid: the settings protect it: db*

before each target: ./drain.sh --token=****
after each target: https://hooks.example/done

2 targets to replace: 5 violations mended, 3 left.
""".replace("DIGEST", DIGEST)


def test_all_that_a_plan_can_hold() -> None:
    hooks = Hooks(("./drain.sh --token=hunter2",), ("https://hooks.example/done",))
    assert plan_text(PLAN, 100, hooks) == SHOWN


def test_colours_only_where_they_are_wanted() -> None:
    assert "\x1b" not in plan_text(PLAN, 100, Hooks())
    assert "\x1b[1;38;5;196m- privileged: true\x1b[0m" in plan_text(PLAN, 100, Hooks(), colour=True)


def test_nothing_to_do() -> None:
    empty = replace(PLAN, targets=(), proposed=(), untouched=())
    assert plan_text(empty, 100, Hooks(("x",))) == "Nothing to do; 0 violations left.\n"
