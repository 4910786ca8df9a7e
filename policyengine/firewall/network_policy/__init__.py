"""Who reaches whom in a cluster of Kubernetes: its policies, Services and the ports of nodes, decided exactly.

https://kubernetes.io/docs/concepts/services-networking/network-policies/
https://network-policy-api.sigs.k8s.io/
"""

from policyengine.firewall.network_policy.cluster import Cluster
from policyengine.firewall.network_policy.written import FACTS, Written, written

__all__ = ["FACTS", "Cluster", "Written", "written"]
