"""HTML reports: what a run did, on one self-contained page."""
