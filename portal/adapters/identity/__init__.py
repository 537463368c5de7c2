"""Who people are and who vouches for their tokens."""
