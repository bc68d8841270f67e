import { BlockList, isIP } from 'node:net';
import { type CompiledIntegration } from '../integrations/integration-recipe';
import { isSecretValid } from '../integrations/secret';
import { type VerdictCodeOf } from '../rules/codes';

const blockLists = new WeakMap<CompiledIntegration, BlockList>();

/** Tests secret and address, once, on arrival; null admits. */
export function admissionOf(
  integration: CompiledIntegration,
  secrets: readonly string[],
  address: string | null,
  now: number,
): VerdictCodeOf<'quarantined'> | null {
  if (integration.secretHashes.length > 0 && !isSecretValid(secrets, integration.secretHashes, now)) {
    return 'secret_wrong';
  }
  return isAllowed(integration, address) ? null : 'address_not_allowed';
}

function isAllowed(integration: CompiledIntegration, address: string | null): boolean {
  if (integration.allowedAddresses === null) return true;
  // IPv4 on a dual-stack socket arrives as ::ffff:192.0.2.1.
  const plain = address?.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '') ?? '';
  const family = isIP(plain);
  return (
    family !== 0 &&
    blockListOf(integration, integration.allowedAddresses).check(plain, family === 4 ? 'ipv4' : 'ipv6')
  );
}

function blockListOf(integration: CompiledIntegration, blocks: readonly string[]): BlockList {
  let list = blockLists.get(integration);
  if (list === undefined) {
    list = new BlockList();
    for (const block of blocks) {
      const [network = '', bits] = block.split('/');
      const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
      if (bits === undefined) list.addAddress(network, family);
      else list.addSubnet(network, Number(bits), family);
    }
    blockLists.set(integration, list);
  }
  return list;
}
