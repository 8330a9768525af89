// SPDX-License-Identifier: Apache-2.0
// Every refusal a client can meet, once for all clients: an agent of policy.jsonc and what
// it does. `act` gets { call, purse, secret } and gives the result that must refuse.
import { setTimeout as sleep } from 'node:timers/promises';
import { approved } from './answers.mjs';

const image = { service: 'images', estimatedCost: '0.08' };
const stranger = '0x00000000000000000000000000000000000000aa';
const imagesPayee = '0x90F79bf6EB2c4f870365E785982E1f101E93b906';
const searchPayee = '0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65';
const twinPayee = '0x14dC79964da2C08b23698B3D3cc7Ca32193d9955';

const unknown = `purse_buyer_${'0'.repeat(52)}`;

const asks = args => ({ call }) => call('pay_preauthorize', args);

/** A txId of the right form that belongs to no hold: the last but one character is another. */
export function oneOff(txId) {
    return txId.replace(/.(?=.$)/, char => (char === '0' ? '1' : '0'));
}

/** Asks again and again until the first no; at most `most` times. */
async function untilRefused(call, args, most) {
    for (let i = 0; i < most; ++i) {
        const result = await call('pay_preauthorize', args);
        if (result.isError) return { result, approvals: i };
    }
    throw new Error(`still approved after ${most} calls`);
}

async function held(call, args = image) {
    return approved(await call('pay_preauthorize', args)).txId;
}

export const refusals = [
    // who
    { reason: 'credential_missing', agent: null, act: asks(image) },
    { reason: 'credential_unknown', agent: null, secret: unknown, act: asks(image) },
    { reason: 'credential_unknown', name: 'not even the form of one', agent: null, secret: 'guess', act: asks(image) },
    {
        reason: 'credential_revoked', agent: 'buyer', act: async ({ call, purse }) => {
            approved(await call('pay_preauthorize', image));
            const [id] = await purse.credentialIds();
            await purse.command('credential', 'revoke', id);
            return call('pay_preauthorize', image);
        },
    },
    {
        reason: 'credential_expired', agent: 'buyer', issue: ['--expires', '2s'], act: async ({ call }) => {
            approved(await call('pay_preauthorize', image));
            await sleep(2100);
            return call('pay_preauthorize', image);
        },
    },
    {
        reason: 'agent_unknown', agent: 'poor', act: async ({ call, purse }) => {
            purse.writePolicy(text => text.replace('"poor"', '"rich"'));
            return call('pay_preauthorize', image);
        },
    },
    {
        reason: 'frozen', agent: 'buyer', act: async ({ call, purse }) => {
            await purse.command('freeze', 'agent', 'buyer');
            return call('pay_preauthorize', image);
        },
    },
    { reason: 'frozen', name: 'in the policy', agent: 'iced', act: asks(image) },
    // what and whom
    { reason: 'service_unknown', agent: 'buyer', act: asks({ ...image, service: 'nothing' }) },
    { reason: 'service_required', agent: 'buyer', act: asks({ payee: twinPayee, estimatedCost: '0.08' }) },
    { reason: 'payee_mismatch', agent: 'buyer', act: asks({ ...image, payee: searchPayee }) },
    { reason: 'payee_unknown', agent: 'buyer', act: asks({ payee: stranger, estimatedCost: '0.08' }) },
    { reason: 'service_denied', agent: 'careful', act: asks({ service: 'casino', estimatedCost: '0.08' }) },
    { reason: 'service_not_allowed', agent: 'buyer', act: asks({ service: 'casino', estimatedCost: '0.08' }) },
    { reason: 'payee_denied', agent: 'careful', act: asks({ service: 'search', estimatedCost: '0.08' }) },
    { reason: 'payee_denied', name: 'by address', agent: 'careful', act: asks({ payee: searchPayee.toUpperCase().replace('X', 'x'), estimatedCost: '0.08' }) },
    { reason: 'payee_not_allowed', agent: 'listed', act: asks({ service: 'search', estimatedCost: '0.08' }) },
    // when and for what
    { reason: 'outside_hours', agent: 'nightly', retry: 'after', act: asks(image) },
    { reason: 'task_required', agent: 'tasker', retry: 'with_changes', act: asks(image) },
    { reason: 'workflow_required', agent: 'flow', retry: 'with_changes', act: asks(image) },
    // how much at once
    { reason: 'price_above_ceiling', agent: 'buyer', allowedNow: '0.10', act: asks({ service: 'capped', estimatedCost: '0.11' }) },
    { reason: 'transaction_limit_exceeded', agent: 'buyer', allowedNow: '5.00', act: asks({ ...image, estimatedCost: '5.000001' }) },
    // how often and how much over time
    { reason: 'loop_detected', agent: 'looper', approvals: 3, act: ({ call }) => untilRefused(call, image, 5) },
    { reason: 'rate_limit_reached', agent: 'hasty', approvals: 3, retry: 'after', act: ({ call }) => untilRefused(call, image, 5) },
    {
        reason: 'spend_limit_reached', agent: 'poor', allowedNow: '0.10', retry: 'after', act: async ({ call }) => {
            await held(call, { ...image, estimatedCost: '0.9' });
            return call('pay_preauthorize', { ...image, estimatedCost: '0.100001' });
        },
    },
    {
        reason: 'spend_limit_reached', name: 'of one task', agent: 'tasker', act: async ({ call }) => {
            await held(call, { ...image, estimatedCost: '1', taskId: 'a' });
            await held(call, { ...image, estimatedCost: '1', taskId: 'b' });
            return call('pay_preauthorize', { ...image, taskId: 'a' });
        },
    },
    // the end of a hold
    {
        reason: 'hold_unknown', agent: 'buyer', act: async ({ call }) => {
            const txId = await held(call);
            return call('pay_settle', { txId: oneOff(txId), actualCost: '0.07' });
        },
    },
    {
        reason: 'hold_closed', agent: 'buyer', act: async ({ call }) => {
            const txId = await held(call);
            approved(await call('pay_settle', { txId, actualCost: '0.07' }));
            return call('pay_settle', { txId, actualCost: '0.06' });
        },
    },
    {
        reason: 'hold_closed', name: 'voided before', agent: 'buyer', act: async ({ call }) => {
            const txId = await held(call);
            approved(await call('pay_settle', { txId, outcome: 'void' }));
            return call('pay_settle', { txId, actualCost: '0.07' });
        },
    },
    {
        reason: 'hold_expired', agent: 'punctual', act: async ({ call }) => {
            const txId = await held(call, { ...image, ttlSeconds: 1 });
            await sleep(1200);
            return call('pay_settle', { txId, actualCost: '0.07' });
        },
    },
    {
        reason: 'spend_limit_reached', name: 'a late settle without room', agent: 'patient', act: async ({ call }) => {
            const txId = await held(call, { ...image, estimatedCost: '0.9', ttlSeconds: 1 });
            await sleep(1200);
            await held(call, { ...image, estimatedCost: '0.9' });
            return call('pay_settle', { txId, actualCost: '0.9' });
        },
    },
    {
        reason: 'over_capture', agent: 'buyer', maxCapture: '0.088', act: async ({ call }) => {
            const txId = await held(call);
            return call('pay_settle', { txId, actualCost: '0.088001' });
        },
    },
    // the call itself
    {
        reason: 'idempotency_conflict', agent: 'buyer', act: async ({ call }) => {
            approved(await call('pay_preauthorize', { ...image, idempotencyKey: 'once' }));
            return call('pay_preauthorize', { ...image, estimatedCost: '0.09', idempotencyKey: 'once' });
        },
    },
    {
        reason: 'policy_invalid', agent: null, secret: unknown, act: async ({ call, purse }) => {
            purse.writePolicy(() => '{ "version": 1, "agents": ');
            return call('pay_preauthorize', image);
        },
    },
];

const wrong = (tool, field, args) => ({ tool, field, args });

/** Stands for the txId of an open hold. */
export const someTx = 'tx';

/** Arguments that are not valid, and the field that the answer must name. */
export const badArguments = [
    wrong('pay_preauthorize', 'estimatedCost', { service: 'images' }),
    wrong('pay_preauthorize', 'service', { estimatedCost: '0.08' }),
    ...['', ' 1', '1 ', '+1', '-1', '-0', '.5', '1.', '1e2', '0x1', '1,5', 'NaN', 'Infinity', '0.0000001', '0', '0.000000',
        '99999999999999999999', '٣', null, true, [], {}].map(value => wrong('pay_preauthorize', 'estimatedCost', { ...image, estimatedCost: value })),
    ...[-1, 0, 1e21, 0.0000001].map(value => wrong('pay_preauthorize', 'estimatedCost', { ...image, estimatedCost: value })),
    ...['', 'x'.repeat(65), 7, null].map(value => wrong('pay_preauthorize', 'service', { ...image, service: value })),
    ...['0x12', imagesPayee.slice(2), `${imagesPayee}0`, '0x' + 'g'.repeat(40), 1].map(value => wrong('pay_preauthorize', 'payee', { ...image, payee: value })),
    ...['EUR', 'usdc', '', 1].map(value => wrong('pay_preauthorize', 'currency', { ...image, currency: value })),
    ...['x'.repeat(201), 5].map(value => wrong('pay_preauthorize', 'purpose', { ...image, purpose: value })),
    ...['taskId', 'workflowId', 'idempotencyKey'].flatMap(field => ['', 'x'.repeat(129), 5].map(value => wrong('pay_preauthorize', field, { ...image, [field]: value }))),
    ...[0, -1, 86401, 1.5, 1e300, '60'].map(value => wrong('pay_preauthorize', 'ttlSeconds', { ...image, ttlSeconds: value })),
    ...['yes', 1].map(value => wrong('pay_preauthorize', 'receipt', { ...image, receipt: value })),
    wrong('pay_settle', 'receipt', { txId: someTx, actualCost: '0.07', receipt: 'true' }),
    wrong('pay_preauthorize', 'estimatedcost', { ...image, estimatedcost: '0.08' }),
    wrong('pay_preauthorize', 'agent', { ...image, agent: 'poor' }),
    wrong('pay_settle', 'txId', { actualCost: '0.07' }),
    wrong('pay_settle', 'txId', { txId: 7, actualCost: '0.07' }),
    ...['', 'tx_1', 'tx_' + 'u'.repeat(26), '1'.repeat(26)].map(value => wrong('pay_settle', 'txId', { txId: value, actualCost: '0.07' })),
    wrong('pay_settle', 'actualCost', { txId: someTx }),
    wrong('pay_settle', 'actualCost', { txId: someTx, actualCost: '-0.07' }),
    wrong('pay_settle', 'outcome', { txId: someTx, outcome: 'refund' }),
    wrong('pay_settle', 'amount', { txId: someTx, actualCost: '0.07', amount: '1' }),
    wrong('pay_budget_status', 'taskId', { taskId: '' }),
    wrong('pay_budget_status', 'agent', { agent: 'poor' }),
];
