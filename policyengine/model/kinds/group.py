"""Groups of a system: what group(5) and gshadow(5) say of one."""

from policyengine.model.kinds.user import PASSWORD
from policyengine.model.types import INTEGER, STRING, STRINGS, Field, Kind, object_of

GROUP = {
    "name": Field(STRING, "the name"),
    "gid": Field(INTEGER, "the number"),
    "members": Field(STRINGS, "the users whom it lists"),
    "primary_members": Field(STRINGS, "the users whose primary group it is"),
    "strangers": Field(STRINGS, "members that are no users of /etc/passwd"),
    "administrators": Field(STRINGS, "who may change its members: gshadow(5)"),
    "password": Field(object_of(**PASSWORD), "the password by which others join it: newgrp(1)"),
    "same_name": Field(INTEGER, "how many other lines of group have the same name"),
    "same_gid": Field(STRINGS, "other groups with the same number, the first 20"),
}
"""What files of accounts say of a group."""

KIND = Kind("group", "A group of users of a system", GROUP)
