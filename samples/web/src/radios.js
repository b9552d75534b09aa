// A group of radio buttons in `box`, one per name, each with what `before` gives for it.
export function radios(box, group, names, chosen, before = () => "") {
  const labels = names.map((name) => {
    const [label, input, text] = ["label", "input", "span"].map((tag) => document.createElement(tag));
    Object.assign(input, { type: "radio", name: group, value: name, checked: name === chosen });
    text.textContent = name;
    label.append(input, before(name), text);
    return label;
  });
  box.replaceChildren(...labels);
}
