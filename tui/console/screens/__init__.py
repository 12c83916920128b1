"""The screens full of panes, and the dialogs above them."""
