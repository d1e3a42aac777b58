"""The driver's version."""

DRIVER_VERSION = "1"
"""Changes whenever driving the same solution may give other evidence; it is part of every cache key."""
