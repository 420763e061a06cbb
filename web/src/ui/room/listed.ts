// The rooms of the navigation: those one is in first, then those that are there to enter.
import type { House } from "../../state/house.svelte";
import type { Room } from "../../state/room.svelte";

export interface ListedRoom {
  readonly name: string;
  readonly people: number;
  readonly in_call: number;
  readonly room: Room | undefined;
}

export function listed_rooms(house: House): ListedRoom[] {
  const names = new Set([...house.rooms.keys(), ...house.summaries.keys()]);
  return [...names]
    .map((name) => {
      const room = house.rooms.get(name);
      const summary = house.summaries.get(name);
      const people = room?.joined === true ? [...room.people.values()] : undefined;
      return {
        name,
        room,
        people: people?.length ?? summary?.people ?? 0,
        in_call: people?.filter((person) => person.in_call).length ?? summary?.in_call ?? 0,
      };
    })
    .sort((a, b) => Number(b.room !== undefined) - Number(a.room !== undefined) || a.name.localeCompare(b.name));
}
