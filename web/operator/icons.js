// SPDX-License-Identifier: Apache-2.0
// Small line drawings, 16 by 16. They stand beside words and are hidden from screen readers.
import { s } from './dom.js';

const drawings = {
    overview: ['M2.5 9.5v4M6.2 6v7.5M9.8 8v5.5M13.5 2.5v11'],
    journal: ['M3 4h10M3 8h10M3 12h6'],
    approvals: [
        'M5.5 7.5 8 10l5.5-6',
        'M13.5 8v4a1.5 1.5 0 0 1-1.5 1.5H4A1.5 1.5 0 0' + ' 1 2.5 12V4A1.5 1.5 0 0 1 4 2.5h5.5',
    ],
    agents: [
        'M4.5 6.5h7A1.5 1.5 0 0 1 13 8v3.5a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0' +
            ' 0 1 3 11.5V8a1.5 1.5 0 0 1 1.5-1.5z',
        'M8 6.5V3M6.3 9.5v.5M9.7 9.5v.5',
    ],
    budget: ['M8 2.5a5.5 5.5 0 1 0 5.5 5.5H8z', 'M10.5 2.6A5.5 5.5 0 0 1 13.4 5.5H10.5z'],
    payouts: ['M2.5 8h10M9 4.5 12.5 8 9 11.5'],
    hold: [
        'M4.5 7.5h7a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1v-4a1 1 0 0 1 1-1z',
        'M5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5',
    ],
    refused: ['M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11z', 'M4.2 4.2l7.6 7.6'],
    settled: ['M3 8.5 6.5 12 13 4.5'],
    voided: ['M6 3.5 3 6.5l3 3', 'M3 6.5h6.5a3.5 3.5 0 0 1 0 7H6'],
    expired: ['M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11z', 'M8 5v3.2l2.2 1.5'],
    operator: ['M8 2 3 4v3.7c0 3 2 5.3 5 6.3 3-1 5-3.3 5-6.3V4z', 'M6 8l1.5 1.5L10.2 6.5'],
    stop: ['M5.6 2.5h4.8l3.1 3.1v4.8l-3.1 3.1H5.6l-3.1-3.1V5.6z', 'M5.5 8h5'],
    frozen: ['M8 2v12M2.8 5l10.4 6M13.2 5 2.8 11', 'M6.5 3 8 4.3 9.5 3M6.5 13 8 11.7 9.5 13'],
    play: ['M5 3.5v9l7-4.5z'],
    pause: ['M5.5 3.5v9M10.5 3.5v9'],
    warning: ['M8 2.5 14 13H2z', 'M8 6.5v3M8 11.2v.3'],
    copy: [
        'M6 6h6.5a1 1 0 0 1 1 1v5.5a1 1 0 0 1-1 1H7a1 1 0 0 1-1-1z',
        'M10 6V3.5a1 1 0 0 0-1-1H3.5a1 1 0 0 0-1 1V9a1 1 0 0 0 1 1H6',
    ],
    up: ['M8 13V3M3.5 7.5 8 3l4.5 4.5'],
    back: ['M13 8H3M7.5 3.5 3 8l4.5 4.5'],
    key: ['M10.5 2.5a3 3 0 1 1-2.6 4.5L3 11.9v1.6h2.5V12H7v-1.5h1l.9-1'],
    sun: [
        'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6z',
        'M8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9' +
            'M12.6 3.4l-.9.9M4.3 11.7l-.9.9',
    ],
    moon: ['M13 9.6A5.5 5.5 0 0 1 6.4 3a5.5 5.5 0 1 0 6.6 6.6z'],
    auto: ['M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11z', 'M8 2.5v11M10 4v8M12 5.5v5'],
    out: ['M6.5 13.5H4A1.5 1.5 0 0 1 2.5 12V4A1.5 1.5 0 0 1 4 2.5h2.5', 'M6.5 8h7M10.5 5l3 3-3 3'],
    close: ['M4 4l8 8M12 4l-8 8'],
    dot: ['M8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z'],
    question: [
        'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11z',
        'M6.3 6.5a1.7 1.7 0 1 1 2.5 1.5c-.5.3-.8.6-.8 1.2M8 11v.2',
    ],
};

/** The drawing of this name. */
export function icon(name) {
    const paths = drawings[name] ?? drawings.dot;
    return s(
        'svg',
        {
            class: 'icon',
            viewBox: '0 0 16 16',
            width: 16,
            height: 16,
            fill: 'none',
            stroke: 'currentColor',
            'stroke-width': 1.5,
            'stroke-linecap': 'round',
            'stroke-linejoin': 'round',
            'aria-hidden': 'true',
            focusable: 'false',
        },
        paths.map(d => s('path', { d })),
    );
}
