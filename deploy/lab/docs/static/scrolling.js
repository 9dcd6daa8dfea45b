// What is too wide for its box scrolls in it, by the arrow keys too: so such a box, and no other, takes the focus.
function letScroll() {
  for (const box of document.querySelectorAll("article pre, article .table-wrapper")) {
    if (box.scrollWidth > box.clientWidth) {
      box.tabIndex = 0;
    } else {
      box.removeAttribute("tabindex");
    }
  }
}
addEventListener("load", letScroll);
addEventListener("resize", letScroll);
