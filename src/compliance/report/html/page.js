for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const text = (row) => row.cells[column].dataset.sort ?? row.cells[column].textContent;
      const order = (one, other) => text(one).localeCompare(text(other), "en", { numeric: true });
      const rows = [...table.tBodies[0].rows].sort((one, other) => (up ? 1 : -1) * order(one, other));
      table.tBodies[0].append(...rows);
    });
  });
}
