"""Filters that know speckle by its statistics alone, one a file."""
