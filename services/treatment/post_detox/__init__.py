"""Post-detox management, treatment side."""
