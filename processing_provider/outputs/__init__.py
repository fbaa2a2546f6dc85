"""Results of the engine → files, layers and styles."""
