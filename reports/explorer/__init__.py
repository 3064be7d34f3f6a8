"""The explorer: a local page on which a person moves the data of an instance and sees the certified optimum."""
