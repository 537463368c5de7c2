"""Communications: what is written to people by Teams, mail and SMS, and what they chose of it."""
