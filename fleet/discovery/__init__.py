"""Finding machines: mDNS, the network interface, a sweep."""
