"""Access: who someone is in an organisation, and what their role lets them do."""
