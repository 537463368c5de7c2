"""Commands: from what somebody wrote to one question, and the card that answers it."""
