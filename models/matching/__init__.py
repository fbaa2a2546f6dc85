"""The networks that find tie points, their losses and the correlation that they share."""
