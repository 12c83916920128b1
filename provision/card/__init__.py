"""A fresh card's boot partition, filled so that its Pi comes up ready to be provisioned."""
