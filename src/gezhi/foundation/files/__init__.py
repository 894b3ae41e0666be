"""Photos and other files: sniffed, limited, re-encoded, stripped of metadata, stored by content hash."""
