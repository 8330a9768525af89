// SPDX-License-Identifier: Apache-2.0
// Amounts of USDC: decimal strings on the wire, whole micro-USDC in a BigInt here, never a float.

const perUnit = 1_000_000n;
const form = /^(-?)(\d+)(?:\.(\d{1,6}))?$/;

/** Micro-USDC of a decimal string; null when it is none. */
export function parse(text) {
    const found = form.exec(text ?? '');
    if (!found) return null;
    const [, sign, whole, part = ''] = found;
    const micro = BigInt(whole) * perUnit + BigInt(part.padEnd(6, '0'));
    return sign ? -micro : micro;
}

/** Micro-USDC in words: "1,234.50", with as many decimals as it has, two at least. */
export function format(micro) {
    const size = micro < 0n ? -micro : micro;
    const part = String(size % perUnit)
        .padStart(6, '0')
        .replace(/0{1,4}$/, '');
    return `${micro < 0n ? '\u2212' : ''}${group(String(size / perUnit))}.${part}`;
}

/** An amount as the server says it, grouped; what is no amount stays as it is. */
export function money(text) {
    const micro = parse(text);
    return micro === null ? String(text ?? '') : format(micro);
}

/** A whole number, grouped. */
export function count(number) {
    const text = String(number ?? 0);
    return /^\d+$/.test(text) ? group(text) : text;
}

function group(digits) {
    return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Wei as gwei, exactly; what is no whole number stays as it is. */
export function gwei(wei) {
    if (!/^\d+$/.test(wei ?? '')) return String(wei ?? '');
    const digits = String(wei).padStart(10, '0');
    const part = digits.slice(-9).replace(/0+$/, '');
    return group(digits.slice(0, -9)) + (part && `.${part}`);
}

/** How much of `whole` is `part`, 0 to 1; for widths, not for words. */
export function ratio(part, whole) {
    if (whole === null || part === null || whole <= 0n) return 0;
    const share = Number((part * 10_000n) / whole) / 10_000;
    return Math.min(Math.max(share, 0), 1);
}
