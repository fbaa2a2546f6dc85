"""What a camera sees of a surface."""
