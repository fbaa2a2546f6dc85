"""How a network learns buildings in complex images with few labels: MERLIN-Seg."""
