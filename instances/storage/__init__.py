"""How files are written safely, and how an interrupted run keeps what it has."""
