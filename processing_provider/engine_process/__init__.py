"""Choosing, making, starting and killing the engine's process."""
