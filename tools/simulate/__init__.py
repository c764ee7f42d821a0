"""Seeded simulations of what the figures promise: how often intervals cover, how often equals are told
apart.
"""
