"""The recipes of the matchers."""
