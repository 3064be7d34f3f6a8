"""What reproduces and audits the two papers; nobody needs it to show results of their own."""
