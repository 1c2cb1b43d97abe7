"""What a neighbour that floods, or whose platform is dead, costs those beside it (R14)."""
