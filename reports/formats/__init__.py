"""Tables as text, CSV, LaTeX, HTML, Markdown and Parquet, and the folder that holds them."""
