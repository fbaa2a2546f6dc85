"""From two images on one grid to tie points: candidates, matchers, peaks, outlier tests."""
