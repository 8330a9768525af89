// SPDX-License-Identifier: Apache-2.0
// Keys of tests: accounts, their keystore files (Web3 Secret Storage, version 3), signed orders.
import { createCipheriv, randomBytes, randomUUID, scryptSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { parseSignature } from 'viem';
import { keccak256 } from 'viem/utils';
import { encode } from './token.mjs';

export function newAccount() {
    const key = generatePrivateKey();
    return { key, ...privateKeyToAccount(key) };
}

/** The light parameters of geth, so that opening one takes milliseconds. */
const cost = { n: 4096, r: 8, p: 6 };

/** Writes an account's keystore, mode 0600. */
export function writeKeystore(file, account, password) {
    const salt = randomBytes(32);
    const iv = randomBytes(16);
    const derived = scryptSync(password, salt, 32, { N: cost.n, r: cost.r, p: cost.p });
    const cipher = createCipheriv('aes-128-ctr', derived.subarray(0, 16), iv);
    const ciphertext = Buffer.concat([cipher.update(Buffer.from(account.key.slice(2), 'hex')), cipher.final()]);
    const mac = keccak256(Buffer.concat([derived.subarray(16, 32), ciphertext])).slice(2);
    const document = {
        version: 3, id: randomUUID(), address: account.address.slice(2).toLowerCase(),
        crypto: {
            cipher: 'aes-128-ctr', cipherparams: { iv: iv.toString('hex') }, ciphertext: ciphertext.toString('hex'),
            kdf: 'scrypt', kdfparams: { dklen: 32, ...cost, salt: salt.toString('hex') }, mac,
        },
    };
    writeFileSync(file, JSON.stringify(document), { mode: 0o600 });
}

/** The call data of a transferWithAuthorization that `account` has signed. */
export async function signAuthorization(bed, account, { to, value, nonce, validBefore = 2n ** 40n }) {
    const { token: { name, version, address }, chainId } = bed;
    const message = { from: account.address, to, value, validAfter: 0n, validBefore, nonce };
    const fields = { from: 'address', to: 'address', value: 'uint256', validAfter: 'uint256', validBefore: 'uint256', nonce: 'bytes32' };
    const signature = await account.signTypedData({
        domain: { name, version, chainId, verifyingContract: address },
        types: { TransferWithAuthorization: Object.entries(fields).map(([name, type]) => ({ name, type })) },
        primaryType: 'TransferWithAuthorization', message,
    });
    const { r, s, yParity } = parseSignature(signature);
    return encode('transferWithAuthorization', account.address, to, value, 0n, validBefore, nonce, 27 + yParity, r, s);
}
