"""The Teams conversation: a front end of the same services as the portal's HTTP interface."""
