"""policyengine: policies for container configurations, as data, judged where they are written or running."""

__version__ = "0.1.0"
