"""What is read of the store for those who watch it: metrics, admission, the doctor."""
