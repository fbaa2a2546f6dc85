"""What several algorithms ask, each asked once."""
