"""What is told of a Service: which port of its Pods a port leads to, and only what that one hangs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.commands.firewall import answers
from policyengine.commands.firewall.explain import as_text
from policyengine.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

CLUSTER = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: web, image: nginx, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: http, nodePort: 30080}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}], ports: [{port: http}]}]
"""


@pytest.mark.parametrize(
    ("port", "text"),
    [
        (
            "tcp/80",
            "denied  internet -> shop/service/web  tcp/80  (the cluster of k8s)\n"
            "  path     k8s/web.yaml:8:18  Service shop/web  (has no such port for the outside)\n",
        ),
        (
            "tcp/30080",
            "unknown  internet -> shop/service/web  tcp/30080  (the cluster of k8s)\n"
            "  witness  NEW tcp 198.51.100.77:40000 -> shop/service/web:30080\n"
            "  path     k8s/web.yaml:8:18  Service shop/web  (leads to port 8080 of its Pods)\n"
            "           k8s/web.yaml:16:14  NetworkPolicy shop/web ingress[0]  (allows)\n"
            "  why      whether policies see a client's address or a node's is implementation-defined\n"
            "  set      tcp 30080\n",
        ),
    ],
)
def test_a_port_leads_to_a_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, port: str, text: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "k8s").mkdir()
    (tmp_path / "k8s" / "web.yaml").write_text(CLUSTER, encoding="utf-8")
    assert as_text(answers.explain(["k8s"], Settings(), "internet", "shop/service/web", port, None)) == text
