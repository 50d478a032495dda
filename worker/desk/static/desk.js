// Retry on Flower's own pages: a panel on a task's page, a link at failed tasks in the list.
// File names, reasons and task names are hostile: they become text, never markup.

"use strict";

(() => {
  const nav = document.getElementById("nav-articles");
  if (!nav) return;
  const root = nav.pathname;
  const steps = (nav.dataset.steps || "").split(" ").filter(Boolean); // none in read-only mode

  const element = (tag, properties, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };
  const cookie = (name) =>
    document.cookie
      .split("; ")
      .filter((pair) => pair.startsWith(`${name}=`))
      .map((pair) => decodeURIComponent(pair.slice(name.length + 1)))[0] || "";

  // --- The task list ---

  const retryLink = (uuid) =>
    element(
      "a",
      {
        className: "desk-retry-link",
        href: `${root}/retry?task=${encodeURIComponent(uuid)}`,
        title: "Retry the deliveries of this task",
      },
      "Retry",
    );

  const markFailed = (table) => {
    const state = [...document.querySelectorAll("#tasks-table thead th")].findIndex(
      (head) => head.dataset.column === "state",
    );
    table.rows({ page: "current" }).every(function mark() {
      const task = this.data();
      const cell = this.node().cells[Math.max(state, 0)];
      if (task.state === "FAILURE" && steps.includes(task.name)) {
        cell.classList.add("text-nowrap");
        cell.append(retryLink(task.uuid));
      }
    });
  };

  if (document.getElementById("tasks-table") && steps.length) {
    const table = window.jQuery("#tasks-table");
    table.on("draw.dt", () => markFailed(table.DataTable()));
  }

  // --- The page of a task ---

  const COLOURS = {
    pending: "task-state-started",
    stored: "text-bg-success",
    duplicate: "text-bg-secondary",
    rejected: "text-bg-warning",
    quarantined: "text-bg-danger",
  };
  const AGAIN_MS = 2000;

  const becameOf = (delivery) => {
    if (delivery.article) return `article ${delivery.article}`;
    if (delivery.duplicate_of) return `of delivery ${delivery.duplicate_of}`;
    if (delivery.reason) return `${delivery.step ? `${delivery.step}: ` : ""}${delivery.reason}`;
    return "";
  };

  const retryForm = (delivery, uuid) =>
    element(
      "form",
      { method: "post", action: `${root}/retry?id=${delivery.id}&task=${encodeURIComponent(uuid)}` },
      element("input", { type: "hidden", name: "_xsrf", value: cookie("_xsrf") }),
      element("button", { type: "submit", className: "btn btn-sm btn-primary" }, "Retry"),
    );

  const row = (delivery, uuid) => {
    const badge = { className: `badge ${COLOURS[delivery.disposition]}` };
    const action = element("td", { className: "text-end" });
    if (delivery.can_retry) action.append(retryForm(delivery, uuid));
    return element(
      "tr",
      {},
      element(
        "td",
        { className: "desk-file" },
        element("a", { href: `${root}/${delivery.id}` }, delivery.file),
      ),
      element("td", {}, element("span", badge, delivery.disposition)),
      element("td", { className: "desk-reason" }, becameOf(delivery)),
      action,
    );
  };

  const show = async (panel, uuid) => {
    const answer = await fetch(`${root}/of-task/${encodeURIComponent(uuid)}`);
    if (!answer.ok) return;
    const { deliveries } = await answer.json();
    panel.hidden = !deliveries.length;
    panel.querySelector("tbody").replaceChildren(...deliveries.map((each) => row(each, uuid)));
    if (deliveries.some((each) => each.disposition === "pending")) {
      setTimeout(() => show(panel, uuid), AGAIN_MS);
    }
  };

  const page = document.getElementById("task-page");
  // Flower has no page of a task that it has not seen; its deliveries are known all the same.
  const unseen = `${root.slice(0, -"articles".length)}task/`;
  const task = page
    ? document.getElementById("taskid").textContent
    : location.pathname.startsWith(unseen) && location.pathname.slice(unseen.length);
  if (task) {
    const panel = element(
      "section",
      { className: "tasks-table-card desk-panel", hidden: true, ariaLabel: "Deliveries of this task" },
      element("h2", { className: "worker-panel-title" }, "Deliveries of this task"),
      element(
        "figure",
        { className: "table-responsive mb-0" },
        element(
          "table",
          { className: "desk-table tasks-table table table-hover align-middle mb-0" },
          element("tbody", {}),
        ),
      ),
    );
    if (page) page.querySelector("header").after(panel);
    else {
      const section = element("div", { className: "page-section detail-page" }, panel);
      document.getElementById("main-content").append(section);
    }
    show(panel, task);
  }
})();
