"""Runs programs that models wrote, uses them as people did, and says which answer is better."""
