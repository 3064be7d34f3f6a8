"""Split offloading with several edge servers: who goes to which server, and where each user splits."""
