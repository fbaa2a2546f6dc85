"""Laying one image over another with tie points."""
