"""The lab's topology as a picture: live or planned facts, shown in the terminal, as SVG, Mermaid or JSON."""
