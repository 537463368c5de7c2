"""Sessions: who is signed in with a browser, where, and how fresh the proof of it is."""
