"""What operators ask about an account, and the end that they put to what holds it back."""
