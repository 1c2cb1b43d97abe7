"""A simulator of the WeChat platform: what it answers, what it limits and what it calls back."""
