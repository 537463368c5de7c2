"""Alerts: figures that speak up in Teams by themselves, once, to those who may see them."""
