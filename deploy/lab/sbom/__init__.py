"""A software bill of materials for each image: what is in it, in the form of CycloneDX."""
