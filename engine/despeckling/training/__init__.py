"""How networks learn to despeckle."""
