// SPDX-License-Identifier: Apache-2.0
// Checks that run in the page. Each is sent there as text, so it uses nothing from outside itself.

/** Controls that nobody can name: no text, no label, no aria-label. */
export function namelessControls() {
    const controls = document.querySelectorAll(
        'a[href], button, input, select, textarea, summary, [role="button"], [tabindex="0"], dialog, meter');
    const text = ids => ids.split(' ').map(id => document.getElementById(id)?.textContent ?? '').join(' ');
    return [...controls].filter(el => el.checkVisibility()).filter(el => {
        const name = [
            el.getAttribute('aria-label') ?? '',
            el.hasAttribute('aria-labelledby') ? text(el.getAttribute('aria-labelledby')) : '',
            ...[...(el.labels ?? [])].map(label => label.textContent),
            el.matches('input, select') ? '' : el.textContent,
        ].join(' ').trim();
        return name === '';
    }).map(el => el.outerHTML.slice(0, 160));
}

/** Texts whose contrast with what is behind them is below WCAG 2.2 AA. */
export function contrastMistakes() {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 1;
    const paint = canvas.getContext('2d', { willReadFrequently: true });
    // Any notation of CSS as [r, g, b, alpha].
    const rgba = color => {
        paint.clearRect(0, 0, 1, 1);
        paint.fillStyle = color;
        paint.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = paint.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const over = ([r, g, b, a], below) => [r, g, b].map((part, i) => part * a + below[i] * (1 - a));
    const ground = el => {
        const layers = [];
        for (let at = el; at; at = at.parentElement) {
            const style = getComputedStyle(at);
            const layer = rgba(style.backgroundColor);
            if (layer[3] > 0) layers.push(layer);
            if (layer[3] === 1) break;
            if (at.matches('dialog')) break;
        }
        return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
    };
    const luminance = color => {
        const [r, g, b] = color.map(part => {
            const c = part / 255;
            return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const mistakes = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const seen = new Set();
    while (texts.nextNode()) {
        const el = texts.currentNode.parentElement;
        if (texts.currentNode.data.trim() === '' || seen.has(el)) continue;
        seen.add(el);
        // What cannot be used needs no contrast, says WCAG.
        if (!el.checkVisibility() || el.closest('.visually-hidden, [disabled], .skip, option')) continue;
        const style = getComputedStyle(el);
        const behind = ground(el);
        const isSvg = el instanceof SVGElement;
        const front = over(rgba(isSvg ? style.fill : style.color), behind);
        const [high, low] = [luminance(front), luminance(behind)].sort((a, b) => b - a);
        const contrast = (high + 0.05) / (low + 0.05);
        const size = parseFloat(style.fontSize);
        const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
        if (contrast < (isLarge ? 3 : 4.5))
            mistakes.push(`${contrast.toFixed(2)} "${texts.currentNode.data.trim().slice(0, 40)}" `
                + `${el.tagName} ${el.getAttribute('class') ?? ''}`);
    }
    return mistakes;
}
