"""Networks that take speckle out of radar images, and their losses."""
