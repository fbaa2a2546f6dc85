"""Networks that find buildings, and what they are taught with."""
