"""People informed: what an organisation tells its people about their data and calls, and who has
confirmed having read it (R26)."""
