"""The screens: boards full of panes, and the dialogs above them."""
