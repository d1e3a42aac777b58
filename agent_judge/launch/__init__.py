"""A Solution becomes a running Session in a sandbox, with its browser page open."""
