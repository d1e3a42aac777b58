"""Other tools' recordings, one module each: read into Scenarios, and written from them; and published answers."""
