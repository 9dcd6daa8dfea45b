"""The docs as a site: Sphinx reads docs/, and what can be read from the lab itself is read from there.

`build` makes the site and knows where it is; `conf` is Sphinx's configuration; `source` is the extension that
puts in what is generated (`reference`) and the pictures (`pictures`).
"""
