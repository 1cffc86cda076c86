/** A live tile between commits and runs. At most one run is under way and one more is due, however many commits come. */
export type WakeState = { state: 'idle' } | { state: 'running' } | { state: 'running and due' };
export type WakeEvent = 'commit' | 'run ended';

export interface WakeStep {
  next: WakeState;
  /** True where a run is to start now. */
  start: boolean;
}

const step = (state: WakeState['state'], start: boolean): WakeStep => ({ next: { state }, start });

/** What a commit to one of its tables, or the end of its run, means for a tile. */
export function wake(tile: WakeState, event: WakeEvent): WakeStep {
  switch (tile.state) {
    case 'idle':
      return event === 'commit' ? step('running', true) : step('idle', false);
    case 'running':
      // The run may have read the table before this commit: another follows.
      return event === 'commit' ? step('running and due', false) : step('idle', false);
    case 'running and due':
      return event === 'commit' ? step('running and due', false) : step('running', true);
  }
}
