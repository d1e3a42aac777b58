"""Suites, datasets, a model's markdown, files and folders become Tasks, Solutions and Scenarios."""
