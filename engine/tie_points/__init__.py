"""What is fitted to tie points, and the files that hold them."""
