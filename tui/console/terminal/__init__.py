"""The terminal itself: frames, clipboard, suspending."""
