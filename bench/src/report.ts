import { type Figure, goalOf, isMissed, reached } from './figures';
import { textTable } from './text.table';

export function figureTable(figures: readonly Figure[]): string {
  return textTable(
    ['figure', 'this run', 'required', 'floor', 'target', 'moonshot', 'reached'],
    figures.map((figure) => {
      const { title, unit, better, required, floor, target, moonshot } = goalOf(figure);
      const sign = better === 'more' ? '≥' : '≤';
      const goal = (value: number | undefined): string => (value === undefined ? '' : `${sign} ${value}`);
      return [
        title,
        `${shown(figure.value)} ${unit}`,
        required === undefined ? '' : `${goal(required)} ${isMissed(figure) ? 'MISSED' : 'ok'}`,
        goal(floor),
        goal(target),
        goal(moonshot),
        reached(figure),
      ];
    }),
  );
}

function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
