"""Mending violations: what a policy's ``remediate`` comes to where a resource is written, or runs.

What is to change is said in the words of the model (:mod:`~policyengine.remediation.changes`); each package here makes
it so in one place.
"""
