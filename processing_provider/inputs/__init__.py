"""Layers of the project → what the engine can open."""
