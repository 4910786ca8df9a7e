"""Mending violations in the text of files: Compose files, Kubernetes' manifests, Dockerfiles.

Each input kind whose documents can be edited has a module with a table of the model's fields (``FIELDS``).
"""
