"""Fires, explosions and rescues."""
