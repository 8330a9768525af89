// SPDX-License-Identifier: Apache-2.0
// Loaded before anything is drawn, so that the chosen theme never flashes the other one.
'use strict';
try {
    const chosen = localStorage.getItem('purse.theme');
    if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
    // No storage: the theme of the system.
}
