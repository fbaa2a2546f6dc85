"""What is fitted to tie points, the arrays that reports draw of them, and the files that hold them."""
