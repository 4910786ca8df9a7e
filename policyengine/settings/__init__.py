"""What a run was asked for, from every place it can be said: a file, the environment and flags, each over the last."""

from policyengine.model.report import SEVERITIES
from policyengine.settings.arguments import assignments, parameters
from policyengine.settings.settings import COLOR, ON_UNKNOWN, Color, OnUnknown, Origin, Settings

__all__ = [
    "COLOR",
    "ON_UNKNOWN",
    "SEVERITIES",
    "Color",
    "OnUnknown",
    "Origin",
    "Settings",
    "assignments",
    "parameters",
]
