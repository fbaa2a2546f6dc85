"""Networks, losses and model files: pure torch."""
