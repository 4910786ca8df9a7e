"""The kernel as ground truth: random rule sets and packets at their bounds, in network namespaces of their own.

The kernel, the diagrams and the interpreter must agree on what becomes of every packet, and the kernel and the
interpreter on how often every rule was met.
"""
