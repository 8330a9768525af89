// SPDX-License-Identifier: Apache-2.0
// Times as people read them. One timer keeps all relative times of the page right.
import { h, setText } from './dom.js';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** How far this machine's clock is from the server's, in ms. */
let skew = 0;
export function learnServerTime(asOf) {
    const at = Date.parse(asOf);
    if (Number.isFinite(at)) skew = at - Date.now();
}
export function now() {
    return Date.now() + skew;
}

const clock = new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
});
const shortClock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const dayMonth = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const whole = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'medium' });

export const clockTime = at => clock.format(at);
export const shortTime = at => shortClock.format(at);
export const dayOfMonth = at => dayMonth.format(at);

/** The moment in full, in local time and in UTC: for titles. */
export function absolute(text) {
    const at = new Date(text);
    if (Number.isNaN(at.getTime())) return String(text);
    return `${whole.format(at)} (${at.toISOString().replace(/\.\d+Z$/, 'Z')})`;
}

/** "5 min", "3 h", "2 days": the greatest unit that fits. */
export function span(ms) {
    const size = Math.abs(ms);
    if (size < 59.5 * second) return `${Math.round(size / second)} s`;
    if (size < 59.5 * minute) return `${Math.round(size / minute)} min`;
    if (size < 2 * day) return `${Math.round(size / hour)} h`;
    return `${Math.round(size / day)} days`;
}

/** "4:12" or "1:04:12": what is left of a deadline. */
export function countdown(ms) {
    const left = Math.max(0, Math.ceil(ms / second));
    const pad = number => String(number).padStart(2, '0');
    const hours = Math.floor(left / 3600);
    const minutes = Math.floor((left % 3600) / 60);
    const head = hours > 0 ? `${hours}:${pad(minutes)}` : `${minutes}`;
    return `${head}:${pad(left % 60)}`;
}

function relative(at) {
    const ms = at - now();
    if (Math.abs(ms) < 5 * second) return 'just now';
    return ms < 0 ? `${span(ms)} ago` : `in ${span(ms)}`;
}

/** A <time> that says how long ago (or ahead) it is, and stays right. */
export function ago(text) {
    const at = Date.parse(text);
    if (!Number.isFinite(at)) return h('span', null, String(text ?? ''));
    return h('time', { datetime: text, data: { ago: '' } }, relative(at));
}

/** A <time> of the day for lists that scroll by: the clock, and the day unless it is today. */
export function stamp(text) {
    const at = new Date(text);
    if (Number.isNaN(at.getTime())) return h('span', null, String(text ?? ''));
    const today = new Date(now()).toDateString() === at.toDateString();
    const words = today ? clockTime(at) : `${dayOfMonth(at)}, ${clockTime(at)}`;
    return h('time', { datetime: text }, words);
}

/** Calls `tick` now and each second while `el` is on the page. */
export function everySecond(el, tick) {
    tick();
    const timer = setInterval(() => (el.isConnected ? tick() : clearInterval(timer)), second);
}

// The moment in full is put in when somebody points at it: making it takes long, and a busy
// journal has many.
document.addEventListener('pointerover', ({ target }) => {
    if (target.tagName === 'TIME' && !target.title) target.title = absolute(target.dateTime);
});

setInterval(() => {
    if (document.hidden) return;
    for (const el of document.querySelectorAll('time[data-ago]'))
        setText(el, relative(Date.parse(el.dateTime)));
}, 5 * second);
