"""What side-looking radar and slanting optical views do to terrain and buildings."""
