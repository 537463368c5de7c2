"""What every feature uses: errors, time, the document port, the declaration of fields."""
