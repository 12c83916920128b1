"""What asks something above a screen, which waits behind it."""
