"""Previews of what was pasted or dropped: read, judged, mended, and then handed in as a whole. Kept encrypted, for a day."""
