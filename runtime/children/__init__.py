"""What any child process of ours needs: its start and end, its wait before the next start."""
