"""Tables of results: columns with units, cells with the number behind the text."""
