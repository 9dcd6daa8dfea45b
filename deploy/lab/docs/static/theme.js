// Light or dark as chosen last time. In a file of its own, since the edge's policy lets no script in a page's text run.
document.body.dataset.theme = localStorage.getItem("theme") || "auto";
