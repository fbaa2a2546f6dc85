"""How the shipped models for buildings are made."""
