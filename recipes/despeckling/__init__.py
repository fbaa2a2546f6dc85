"""The despecklers that ship, and what they learn from."""
