"""What translators are taught: samples and lessons."""
