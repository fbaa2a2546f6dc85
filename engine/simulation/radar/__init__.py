"""What a radar sees of a surface."""
