"""What the containers of a Kubernetes Pod share."""

from policyengine.model.kinds import security_context
from policyengine.model.kinds.relations import OF_POD
from policyengine.model.types import BOOLEAN, INTEGER, LABELS, STRING, STRINGS, Field, Kind, list_of, object_of, one_of

_SPREAD = object_of(
    topology_key=Field(STRING, "topologyKey: the label of nodes that tells apart where Pods run"),
    max_skew=Field(INTEGER, "maxSkew: how unevenly they may be spread"),
    when_unsatisfiable=Field(STRING, "whenUnsatisfiable: DoNotSchedule or ScheduleAnyway"),
    selects_itself=Field(BOOLEAN, "its selector selects the Pod itself: Pods of its kind are spread"),
)

_ANTI_AFFINITY = object_of(
    topology_key=Field(STRING, "topologyKey: the label of nodes that tells apart where Pods run"),
    required=Field(BOOLEAN, "it must be met; otherwise it is preferred"),
    selects_itself=Field(BOOLEAN, "its selector selects the Pod itself: it keeps away from Pods of its kind"),
)

_VOLUME = object_of(
    name=Field(STRING, "the volume's name"),
    type=Field(STRING, "its source: hostPath, emptyDir, secret, configMap, persistentVolumeClaim, csi, ..."),
    host_path=Field(STRING, "the path of the node that a hostPath is; absent for others"),
)

_PORT = object_of(
    name=Field(STRING, "the port's name; absent where it has none"),
    port=Field(INTEGER, "containerPort"),
    protocol=Field(STRING, "TCP, UDP or SCTP; TCP where none is written"),
    host_port=Field(INTEGER, "hostPort: the port of its node that leads to it; absent for none"),
)

KIND = Kind(
    "pod",
    "A Pod, or the Pod template of a workload: what its containers share",
    {
        "name": Field(STRING, "the name of the Pod or of the workload that makes it"),
        "namespace": Field(STRING, "metadata.namespace, default where none is written"),
        "controller": Field(STRING, "the kind that makes the Pod: Deployment, Job, ...; Pod for a bare one"),
        "replicas": Field(INTEGER, "how many are asked for; absent where the controller does not count them"),
        "labels": Field(LABELS, "the Pod's labels"),
        "annotations": Field(LABELS, "the Pod's annotations"),
        "host_network": Field(BOOLEAN, "shares the node's network"),
        "host_pid": Field(BOOLEAN, "shares the node's process namespace"),
        "host_ipc": Field(BOOLEAN, "shares the node's IPC namespace"),
        "host_users": Field(BOOLEAN, "hostUsers: shares the node's user namespace, as it does where none is written"),
        "share_process_namespace": Field(BOOLEAN, "shareProcessNamespace: its containers see each other's processes"),
        "service_account": Field(STRING, "serviceAccountName, default where none is written"),
        "automount_service_account_token": Field(
            BOOLEAN,
            "whether its containers get the ServiceAccount's token: as the Pod says, else as the ServiceAccount does, "
            "else true; unknown where the ServiceAccount is not among the manifests",
        ),
        "sysctls": Field(
            list_of(security_context.SYSCTL),
            "parameters of the kernel that it sets, by its securityContext or annotations",
        ),
        "volumes": Field(list_of(_VOLUME), "the volumes that its containers can mount"),
        "image_pull_secrets": Field(STRINGS, "imagePullSecrets: the names of the Secrets that images are pulled with"),
        "deprecated_service_account": Field(
            STRING, "serviceAccount, the former name of the field, where serviceAccountName is not written"
        ),
        "host_aliases": Field(STRINGS, "hostAliases: lines for /etc/hosts, HOST=ADDRESS"),
        "restart": Field(one_of("always", "on-failure", "no"), "restartPolicy; always where none is written"),
        "spread": Field(list_of(_SPREAD), "topologySpreadConstraints: how its Pods are spread"),
        "anti_affinity": Field(list_of(_ANTI_AFFINITY), "affinity.podAntiAffinity: what Pods it keeps away from"),
        "spread_out": Field(
            BOOLEAN, "an anti-affinity or a spread constraint keeps its Pods from landing on one node, or in one zone"
        ),
        "token_refused": Field(BOOLEAN, "the Pod itself writes automountServiceAccountToken: false"),
        "of_kubernetes": Field(
            BOOLEAN, "its labels tell a component or an add-on of Kubernetes itself: tier: control-plane, k8s-app, ..."
        ),
        "node_affinity": Field(BOOLEAN, "nodeSelector, nodeName or nodeAffinity says which nodes it may run on"),
        "priority_class": Field(STRING, "priorityClassName"),
        "runtime_class": Field(STRING, "runtimeClassName: gvisor, kata, ...; absent for the default runtime"),
        "os": Field(STRING, "os.name: linux or windows; linux where none is written"),
        "security_context": Field(security_context.OF_POD, "securityContext, as it is written"),
        "seccomp_annotation": Field(STRING, "up to 1.26: the annotation seccomp.security.alpha.kubernetes.io/pod"),
        "apparmor_annotations": Field(
            LABELS,
            "AppArmor profiles by container: the annotations container.apparmor.security.beta.kubernetes.io/NAME",
        ),
        "container_ports": Field(
            list_of(_PORT), "the ports that its containers declare, which Services and policies may name"
        ),
        "addresses": Field(STRINGS, "of a running Pod: its addresses, status.podIPs"),
        "related": OF_POD,
    },
)
