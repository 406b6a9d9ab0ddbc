"""The whole state, invented: what `manage.py demo` loads, one module per noun.

Every module draws from a random stream of its own, so that a change to one noun leaves the others as they were.
"""
