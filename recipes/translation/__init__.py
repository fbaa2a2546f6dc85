"""How the shipped translators were made."""
