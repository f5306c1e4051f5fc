import { afterEach, describe } from '@jest/globals';
import { describeLife } from './describe-life.js';
import { describeReplies } from './describe-replies.js';
import { describeRequests } from './describe-requests.js';
import { DoorRoom, type DoorKind, type DoorOptions } from './door-room.js';
import type { Deviations } from './door-suite.js';

/** What every door must do, whatever it is made of. */
export const describeDoor = (name: string, kind: DoorKind, deviations: Deviations = {}): void => {
  describe(name, () => {
    let room: DoorRoom | undefined;

    const open = async (options?: DoorOptions): Promise<DoorRoom> => {
      room = new DoorRoom(kind, options);
      await room.open();
      return room;
    };

    afterEach(async () => {
      await room?.close();
      room = undefined;
    });

    for (const part of [describeRequests, describeReplies, describeLife]) part({ kind, open, deviations });
  });
};
