"""Translation of radar images into optical ones: the task, its quality, its training."""
