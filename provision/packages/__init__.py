"""What apt fetches for one Pi serves all of them: a proxy that keeps packages, during runs."""
