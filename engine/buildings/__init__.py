"""Buildings in radar images: footprints, how good they are, and how networks learn to find them."""
