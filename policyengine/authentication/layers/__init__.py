"""Tar archives of files: what an engine tells of a container's, and the layers of images."""
