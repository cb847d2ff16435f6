"""What readers outside the owning agencies may learn: a fixed grid of releases in which no small count can be found."""
