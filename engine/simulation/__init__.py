"""Images of invented landscapes, in which the truth is known."""
