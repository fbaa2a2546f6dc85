"""How the shipped models are trained: pairs of tiles, augmentation, one module per network."""
