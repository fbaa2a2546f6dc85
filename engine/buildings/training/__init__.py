"""What networks that find buildings are taught: samples and lessons."""
