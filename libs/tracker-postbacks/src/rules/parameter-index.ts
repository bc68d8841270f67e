import { type Parameter } from './parameters.rule';

const NONE: readonly (readonly Parameter[])[] = [];

/** The parameters of a request by name: exactly, else without regard to case. */
export class ParameterIndex {
  private readonly byLowerName = new Map<string, Parameter[]>();

  constructor(parameters: readonly Parameter[]) {
    for (const parameter of parameters) {
      const name = parameter.name.toLowerCase();
      const others = this.byLowerName.get(name);
      if (others === undefined) this.byLowerName.set(name, [parameter]);
      else others.push(parameter);
    }
  }

  /** The parameters named exactly so, then the ones named so in another case; empty lists are left out. */
  spellingsOf(name: string): readonly (readonly Parameter[])[] {
    const all = this.byLowerName.get(name.toLowerCase());
    if (all === undefined) return NONE;
    if (all.length === 1) return [all];
    const exact = all.filter((parameter) => parameter.name === name);
    if (exact.length === 0 || exact.length === all.length) return [all];
    return [exact, all.filter((parameter) => parameter.name !== name)];
  }
}
