import { type NetworkPreset } from '../network-preset';
import { oneWinPreset } from './1win.preset';
import { fourRabetPreset } from './4rabet.preset';
import { sevenBitPartnersPreset } from './7bit-partners.preset';
import { adcomboPreset } from './adcombo.preset';
import { affisePreset } from './affise.preset';
import { alfaleadsPreset } from './alfaleads.preset';
import { betwinnerPreset } from './betwinner.preset';
import { binomoPreset } from './binomo.preset';
import { cellxpertPreset } from './cellxpert.preset';
import { clickdealerPreset } from './clickdealer.preset';
import { cpaleadPreset } from './cpalead.preset';
import { customPreset } from './custom.preset';
import { digistore24Preset } from './digistore24.preset';
import { drCashPreset } from './dr-cash.preset';
import { everadPreset } from './everad.preset';
import { everflowPreset } from './everflow.preset';
import { exnessPreset } from './exness.preset';
import { expertOptionPreset } from './expertoption.preset';
import { hellpartnersPreset } from './hellpartners.preset';
import { hotmartPreset } from './hotmart.preset';
import { impactPreset } from './impact.preset';
import { leadbitPreset } from './leadbit.preset';
import { lemonadPreset } from './lemonad.preset';
import { lgamingPreset } from './lgaming.preset';
import { maxbountyPreset } from './maxbounty.preset';
import { melbetPreset } from './melbet.preset';
import { mobideaPreset } from './mobidea.preset';
import { mostbetCpaPreset } from './mostbet-cpa.preset';
import { mostbetRevsharePreset } from './mostbet-revshare.preset';
import { pinUpPreset } from './pin-up.preset';
import { pocketOptionRevsharePreset } from './pocket-option-revshare.preset';
import { profitovPreset } from './profitov.preset';
import { quotexPreset } from './quotex.preset';
import { rapidpacePreset } from './rapidpace.preset';
import { royalPartnersPreset } from './royal-partners.preset';
import { scaleoPreset } from './scaleo.preset';
import { spectr3Preset } from './spectr3.preset';
import { trafficLightPreset } from './traffic-light.preset';
import { tunePreset } from './tune.preset';
import { zeydooPreset } from './zeydoo.preset';

/** The presets this library ships, in the order of the catalogue: the three best known, the others by key, `custom`. */
export const BUILT_IN_PRESETS: readonly NetworkPreset[] = [
  oneWinPreset,
  binomoPreset,
  pocketOptionRevsharePreset,
  fourRabetPreset,
  sevenBitPartnersPreset,
  adcomboPreset,
  affisePreset,
  alfaleadsPreset,
  betwinnerPreset,
  cellxpertPreset,
  clickdealerPreset,
  cpaleadPreset,
  digistore24Preset,
  drCashPreset,
  everadPreset,
  everflowPreset,
  exnessPreset,
  expertOptionPreset,
  hellpartnersPreset,
  hotmartPreset,
  impactPreset,
  leadbitPreset,
  lemonadPreset,
  lgamingPreset,
  maxbountyPreset,
  melbetPreset,
  mobideaPreset,
  mostbetCpaPreset,
  mostbetRevsharePreset,
  pinUpPreset,
  profitovPreset,
  quotexPreset,
  rapidpacePreset,
  royalPartnersPreset,
  scaleoPreset,
  spectr3Preset,
  trafficLightPreset,
  tunePreset,
  zeydooPreset,
  customPreset,
];
