"""What Tidegate is compared with: each the fastest plain way to do the same, set up by its module."""
