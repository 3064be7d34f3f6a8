"""Methods of split offloading with several edge servers."""
