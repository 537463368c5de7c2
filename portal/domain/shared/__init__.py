"""What every feature uses: errors, time, identifiers, the document port, the declaration of stored fields."""
