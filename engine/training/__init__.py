"""The one training loop, and what every lesson shares."""
