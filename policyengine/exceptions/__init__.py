"""What lets violations pass: waivers in a file, ignores where the violation is written, and baselines.

All of it is applied in one place, after evaluation, by :mod:`policyengine.exceptions.applying`. A judgement is never
changed, only whether anybody has to act on it; what an exception lets pass is ``waived``, and stays in the report.
"""
