"""How matchers and their filters are taught and judged."""
