// A step's picture at full size: from the PNG beside the report where it is, else the thumbnail.

let viewed = null; // { side, trajectory, at (-1 is the start), mode }

function openViewer(side, trajectory, at, mode = "after") {
  viewed = { side, trajectory, at, mode };
  renderViewer();
  const dialog = document.getElementById("viewer");
  if (!dialog.open) dialog.showModal();
}

function frameAt(trajectory, at, mode) {
  const step = trajectory.steps[at];
  if (!step) return trajectory.frames[trajectory.steps.length ? trajectory.steps[0].before : 0];
  return trajectory.frames[mode === "before" ? step.before : step.after];
}

function moveViewer(by) {
  const to = viewed.at + by;
  if (to < -1 || to >= viewed.trajectory.steps.length) return;
  viewed.at = to;
  renderViewer();
}

function otherSide() {
  const other = viewed.side.other;
  const trajectory = other && trajectoryOf(other, viewed.trajectory.scenario);
  if (!trajectory) return null;
  return { side: other, trajectory, at: Math.min(viewed.at, trajectory.steps.length - 1), mode: viewed.mode };
}

function swapViewer() {
  const other = otherSide();
  if (!other) return;
  viewed = other;
  renderViewer();
}

function setViewerMode(mode) {
  if (viewed.at < 0) return;
  viewed.mode = viewed.mode === mode ? "after" : mode;
  renderViewer();
}

function renderViewer() {
  const { side, trajectory, at, mode } = viewed;
  const step = trajectory.steps[at];
  const frame = frameAt(trajectory, at, mode);
  const dialog = document.getElementById("viewer");
  const held = dialog.contains(document.activeElement) ? document.activeElement.dataset.control : null;
  dialog.replaceChildren(
    h("div", { class: "viewer-head" },
      h("h2", { id: "viewer-title" }, side.alone ? null : sideTag(side.side), untrusted(nameOf(side)), h("span", { class: "hint" }, step ? `step ${step.index + 1} of ${trajectory.steps.length}` : "at the start")),
      control("✕", "close", "Close (Esc)", () => dialog.close())),
    h("div", { class: "viewer-picture", tabindex: "0", role: "group", "aria-label": "Picture" }, viewerPicture(trajectory, at, mode, frame)),
    h("div", { class: "viewer-foot" },
      h("p", { class: "viewer-words" }, step ? outcomeBadge(step.outcome) : null, untrusted(step ? step.detail || step.do : trajectory.title || trajectory.scenario)),
      step && step.reason ? untrusted(step.reason, "p", { class: "reason" }) : null,
      h("div", { class: "viewer-controls" },
        control("← Step", "previous", "Previous step (←)", () => moveViewer(-1), at < 0),
        control("Step →", "next", "Next step (→)", () => moveViewer(1), at >= trajectory.steps.length - 1),
        side.alone ? null : control("Other side", "swap", "The same step of the other side (x)", swapViewer, !otherSide()),
        h("span", { class: "modes", role: "group", "aria-label": "Moment" }, [["before", "Before"], ["after", "After"], ["difference", "Difference"]].map(([name, words]) => {
          const button = control(words, name, words, () => { viewed.mode = name; renderViewer(); }, !step);
          button.setAttribute("aria-pressed", String(mode === name || (!step && name === "after")));
          return button;
        })),
        frame && frame.file ? h("a", { class: "tool", href: frame.file, target: "_blank", rel: "noopener" }, "Open the PNG") : null)));
  if (held) dialog.querySelector(`[data-control="${held}"]:not([disabled])`)?.focus();
}

function control(words, name, title, onclick, disabled = false) {
  return h("button", { type: "button", class: `tool ${name === "close" ? "close" : ""}`, title, "aria-label": name === "close" ? "Close" : null, disabled, dataset: { control: name }, onclick }, words);
}

function viewerPicture(trajectory, at, mode, frame) {
  const step = trajectory.steps[at];
  if (!frame || !frame.picture) return h("p", { class: "notice" }, "The page could not be pictured at this moment.");
  const size = pictureSize(frame.picture) || { width: 1280, height: 800 };
  const stage = h("div", { class: `stage ${mode === "difference" ? "stage-difference" : ""}`, style: { "--width": `${size.width}px`, "aspect-ratio": `${size.width} / ${size.height}` } }, fullImage(frame, step ? `After ${step.detail || step.do}` : "At the start"));
  if (step && mode === "difference") {
    const before = frameAt(trajectory, at, "before");
    if (before && before.picture) stage.append(fullImage(before, ""));
  }
  if (step && mode === "before" && step.grounding && step.grounding.box) stage.append(boxOver(step.grounding.box, size));
  return stage;
}

function fullImage(frame, alt) {
  const image = h("img", { alt, decoding: "async" });
  image.addEventListener("error", () => { image.src = pictureSource(frame.picture); }, { once: true });
  image.src = frame.file || pictureSource(frame.picture);
  return image;
}

function boxOver({ x, y, width, height }, size) {
  const share = (value, whole) => `${(100 * value) / whole}%`;
  return h("span", { class: "target-box", style: { left: share(x, size.width), top: share(y, size.height), width: share(width, size.width), height: share(height, size.height) } });
}
