"""What stands in the toolbox: one file an algorithm, beside it what a large one asks."""
