const order = new Intl.Collator("en", { numeric: true });
for (const group of document.querySelectorAll(".rows")) {
  const tables = [...group.querySelectorAll("table")];
  const bodies = tables.map((table) => table.tBodies[0]);
  const heads = tables.map((table) => [...table.tHead.rows[0].cells]);
  const rest = group.querySelector("details.rest");
  const filter = group.querySelector(".filter");
  const first = bodies[0].rows.length;
  let rows = bodies.flatMap((body) => [...body.rows]);
  let words;
  // The rows that match come first, so that those beyond the first table are the folded ones.
  const place = () => {
    const wanted = filter?.querySelector("input").value.trim().toLowerCase() ?? "";
    if (wanted) words ??= new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
    const [shown, hidden] = [[], []];
    for (const row of rows) {
      row.hidden = wanted !== "" && !words.get(row).includes(wanted);
      (row.hidden ? hidden : shown).push(row);
    }
    const placed = [...shown, ...hidden];
    bodies[0].append(...placed.slice(0, first));
    bodies[1]?.append(...placed.slice(first));
    if (rest) rest.hidden = shown.length <= first;
    if (filter) filter.querySelector("output").value = wanted && `${shown.length} of ${rows.length} rows`;
  };
  if (filter) {
    filter.hidden = false;
    filter.addEventListener("input", place);
  }
  for (const cells of heads) {
    cells.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        heads.flat().forEach((other) => other.removeAttribute("aria-sort"));
        heads.forEach((own) => own[column].setAttribute("aria-sort", up ? "ascending" : "descending"));
        const text = (row) => row.cells[column].dataset.sort ?? row.cells[column].textContent;
        const keys = new Map(rows.map((row) => [row, text(row)]));
        rows = rows.sort((one, other) => (up ? 1 : -1) * order.compare(keys.get(one), keys.get(other)));
        place();
      });
    });
  }
}
addEventListener("beforeprint", () => {
  for (const rest of document.querySelectorAll("details.rest")) rest.open = true;
});
