"""What is wrong with a model's numbers, and where: every precision beside fp32, tapped.

The formats of `report.schema.json` and `numerics.schema.json` are shared with JavaScript.
"""
