"""The curated knowledge: what a card and a flow may be, how they are read, and what makes them good.

Imports nothing of ours; knows neither database nor network nor clock.
"""
