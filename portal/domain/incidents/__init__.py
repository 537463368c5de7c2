"""Security incidents: reported where people are, followed to the end, told where reported."""
