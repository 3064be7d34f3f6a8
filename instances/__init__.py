"""Instances: what is solved, their files, and how they are made."""

from instances.errors import InstanceError
from instances.files.documents import load, save
from instances.schema import Instance

__all__ = ["Instance", "InstanceError", "load", "save"]
