"""Networks that turn radar images into optical ones, and what they are trained with."""
