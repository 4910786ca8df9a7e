"""Swarm services: mended by an update of the service, which the Swarm carries out task by task."""
