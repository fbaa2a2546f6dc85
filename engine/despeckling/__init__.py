"""Despeckling: radar images without speckle, and what was taken off them."""
