"""Dashboards: figures computed once, by one set of definitions, from every source alike."""
