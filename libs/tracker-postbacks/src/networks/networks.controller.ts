import { Get, Inject, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { AdminController } from '../admin/admin.controller';
import { type Page } from '../admin/page';
import { NetworkRegistry } from './network-registry';
import { type NetworkView, networkView } from './network-view';
import { TrackerNetworkDto, TrackerNetworkPageDto } from './network.dto';

@AdminController('networks', 'Tracker networks')
export class TrackerNetworksController {
  constructor(@Inject(NetworkRegistry) private readonly networks: NetworkRegistry) {}

  @Get()
  @ApiOperation({ operationId: 'listNetworks', summary: 'The catalogue of network presets' })
  @ApiOkResponse({ type: TrackerNetworkPageDto })
  list(): Page<NetworkView> {
    return { items: this.networks.all().map(networkView), nextCursor: null };
  }

  @Get(':key')
  @ApiOperation({ operationId: 'getNetwork', summary: 'One network preset' })
  @ApiParam({ name: 'key', type: String, example: '1win', description: 'Key of the preset.' })
  @ApiOkResponse({ type: TrackerNetworkDto })
  get(@Param('key') key: string): NetworkView {
    return networkView(this.networks.get(key));
  }
}
