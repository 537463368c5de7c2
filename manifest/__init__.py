"""The Teams app package: its manifest, icons and translations, built reproducibly."""
