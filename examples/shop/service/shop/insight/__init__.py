"""Insight: what sales tell, hour by hour."""
