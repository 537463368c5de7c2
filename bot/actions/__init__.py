"""What the buttons of cards do: check the signed reference, do one thing, draw one card."""
