// SPDX-License-Identifier: Apache-2.0
// Elements without markup in strings: whatever an agent has said stays text.

/**
 * An element. `props`: attributes, `class`, `data` (an object) and listeners (`onclick`).
 * null, undefined and false leave an attribute or a child out.
 */
export function h(tag, props, ...children) {
    const el = document.createElement(tag);
    for (const [name, value] of Object.entries(props ?? {})) {
        if (value === null || value === undefined || value === false) continue;
        if (name.startsWith('on')) el.addEventListener(name.slice(2), value);
        else if (name === 'class') el.className = value;
        else if (name === 'data') Object.assign(el.dataset, value);
        else el.setAttribute(name, value === true ? '' : value);
    }
    append(el, children);
    return el;
}

function append(el, children) {
    for (const child of children) {
        if (Array.isArray(child)) append(el, child);
        else if (child !== null && child !== undefined && child !== false) el.append(child);
    }
}

/** An element of SVG. */
export function s(tag, attributes, ...children) {
    const el = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [name, value] of Object.entries(attributes ?? {})) el.setAttribute(name, value);
    append(el, children);
    return el;
}

/** Puts other children into an element. */
export function fill(el, ...children) {
    el.replaceChildren();
    append(el, children);
    return el;
}

/** Sets the text only when it differs: what has not changed is not laid out again. */
export function setText(el, text) {
    if (el.textContent !== text) el.textContent = text;
}

/** Sets a style through the object model, which the page's policy allows. */
export function setStyle(el, name, value) {
    if (el.style.getPropertyValue(name) !== value) el.style.setProperty(name, value);
}

let lastId = 0;
/** An id that no other element has. */
export function freshId(prefix) {
    lastId += 1;
    return `${prefix}-${lastId}`;
}

/**
 * Keeps the children of `parent` as `items` says, by key: makes those that are new, updates and
 * moves those that are there, removes the rest. Focus and open details survive.
 */
export function keep(parent, items, { key, make, update }) {
    const known = parent.keptRows ?? (parent.keptRows = new Map());
    const seen = new Set();
    let at = parent.firstElementChild;
    for (const item of items) {
        const name = key(item);
        seen.add(name);
        let row = known.get(name);
        if (!row) {
            row = make(item);
            known.set(name, row);
        }
        update?.(row, item);
        if (row.el === at) at = at.nextElementSibling;
        else parent.insertBefore(row.el, at);
    }
    for (const [name, row] of known) {
        if (seen.has(name)) continue;
        row.el.remove();
        known.delete(name);
    }
}
