// The body of a function: finds what a person would find by its words.
//   text, ""      everything that can be read
//   text, name    everything that can be read, if it holds the name; else null
//   control, name what can be pressed and has the name
//   named, name   what has the name as a label that is not drawn
//   field, label  what can be written into and has the label
//   focused       the names of what has the focus, and whether that can be seen
const [kind, name] = arguments;
const plain = (text) => (text ?? "").replace(/[\u2066-\u2069]/g, "").replace(/\s+/g, " ").trim();
const wanted = plain(name);

if (kind === "text") {
  const values = [...document.querySelectorAll("input, textarea")].map((field) => field.value);
  const text = plain(`${document.body?.innerText ?? ""} ${values.join(" ")}`);
  return text.includes(wanted) ? text : null;
}

const canBeSeen = (element) => element.checkVisibility({ visibilityProperty: true });
const textOf = (ids) =>
  (ids ?? "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join(" ");
const namesOf = (element) => [
  element.getAttribute("aria-label"),
  textOf(element.getAttribute("aria-labelledby")),
  ...[...(element.labels ?? [])].map((label) => label.textContent),
  element.getAttribute("title"),
  element.getAttribute("alt"),
  kind === "field" ? element.getAttribute("placeholder") : element.textContent,
];
if (kind === "focused") {
  const element = document.activeElement ?? document.body;
  const ring = element.matches(":focus-visible");
  return { names: namesOf(element).map(plain).filter((text) => text !== ""), ring };
}
const selectors = {
  control:
    "button, a, summary, label, input[type=checkbox], input[type=radio], [role=button], [role=switch], " +
    "[role=tab], [role=menuitem], [role=option], [role=radio]",
  named: "[aria-label], [title], [alt]",
  field: "input, textarea, select, [contenteditable=true]",
};
const candidates = [...document.querySelectorAll(selectors[kind])]
  .filter((element) => canBeSeen(element) && !element.disabled && element.ariaDisabled !== "true")
  .map((element) => ({ element, names: namesOf(element).map(plain) }));
const found =
  candidates.find(({ names }) => names.includes(wanted)) ??
  candidates.find(({ names }) => names.some((text) => text.startsWith(wanted)));
if (!found) return null;
// Of a box that is ticked, people see the label.
const isBox = kind === "control" && ["checkbox", "radio"].includes(found.element.type);
const drawn = (isBox && [...(found.element.labels ?? [])].find(canBeSeen)) || found.element;
drawn.scrollIntoView({ block: "center" });
return drawn;
