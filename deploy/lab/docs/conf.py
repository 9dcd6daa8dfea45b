"""Sphinx's configuration. Its sources are docs/ as it stands in git; `make docs` calls it."""

project = "ticketlab"
html_title = "ticketlab"
language = "en"
extensions = ["myst_parser", "lab.docs.source"]
root_doc = "index"
exclude_patterns: list[str] = []

myst_heading_anchors = 4  # page.md#heading works as it does in git
myst_enable_extensions = ["attrs_inline"]
nitpicky = True
suppress_warnings: list[str] = []

html_theme = "furo"
templates_path = ["templates"]
html_static_path = ["static"]
html_favicon = "static/icon.svg"
html_css_files = ["ticketlab.css"]
html_js_files = ["scrolling.js"]
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
html_use_index = False
# Opened as a file, a page may not fetch another: results stand without an excerpt.
html_show_search_summary = False
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
