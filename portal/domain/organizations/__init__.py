"""Organizations: the customers, each with its region, time zone and country."""
